//! The admission gate: AdmissionReview to decision to AdmissionReview.
