//! Runs of scripts: the test-suite of all runners on the one that makes Jobs, and a whole upgrade by an operator outside
//! the cluster, which runs scripts as processes of its own machine.

mod jobs;
mod outside;
