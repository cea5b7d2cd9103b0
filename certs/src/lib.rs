//! Certificates of the webhook: own CA, issuing, rotation, hot reload.
