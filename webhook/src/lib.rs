//! The admission gate: AdmissionReview to decision to AdmissionReview.
//!
//! `bytes → review (decode) → facts (what the object says) → questions → answers → decision → bytes`. Only the step from
//! questions to answers talks to anybody; [`decide::decide`] and [`mutate::mutate`] are pure.
//!
//! Whatever is sent to `/validate` or `/mutate` is answered with an AdmissionReview, also what can't be decoded. What
//! can't be found out is refused.

pub mod config;
pub mod decide;
pub mod decision;
pub mod facts;
pub mod log;
pub mod lookup;
pub mod metrics;
pub mod mutate;
pub mod review;
pub mod run;
pub mod serve;
pub mod text;
