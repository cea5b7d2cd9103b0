//! Certificates of the admission webhook.
//!
//! An admission webhook is a TLS server that the API server trusts through the `caBundle` of a webhook
//! configuration. Three things have to agree at every moment: the certificate that is served, the bundle that is
//! published, and what every replica believes of both. This crate keeps them so:
//!
//! - [`authority`]: an own certificate authority and the serving certificates it issues;
//! - [`facts`], [`verify`]: what a certificate says, and whether a client would accept it;
//! - [`contents`]: the Secret in which authority and serving certificate are kept;
//! - [`secret`]: that Secret as an object: what is seen in it, and what a step writes;
//! - [`plan`]: the pure decision what is to be done next (nothing here knows a clock or a cluster);
//! - [`bundle`]: which webhooks of a configuration are ours, and the patch that publishes the bundle;
//! - [`resolver`]: what rustls asks for the certificate of each connection, replaceable while serving;
//! - [`keeper`]: the loop that watches the Secret and the webhook configurations and carries the plan out;
//! - [`files`]: the other source, a certificate and key in files (cert-manager, a mounted Secret).
//!
//! Rotation publishes the old and the new authority together, then reissues the serving certificate, then drops
//! the old authority; a client that trusts either is served at every step.

pub mod authority;
pub mod bundle;
pub mod contents;
pub mod facts;
pub mod files;
pub mod keeper;
pub mod names;
pub mod pem;
pub mod plan;
pub mod resolver;
pub mod secret;
pub mod status;
pub mod verify;
