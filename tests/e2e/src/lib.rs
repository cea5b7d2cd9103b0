//! End-to-end tests and the demo: they look at the API server and at what the database saw.
