//! The rollout gate: observe, plan, record, apply.
