//! Values that hold where a manifest says nothing.

/// `upgradeHooks.timeoutSeconds` when absent, in seconds.
pub const DEFAULT_TIMEOUT_SECONDS: u32 = 300;
/// The least `upgradeHooks.timeoutSeconds`, in seconds.
pub const MIN_TIMEOUT_SECONDS: u32 = 1;
/// The greatest `upgradeHooks.timeoutSeconds`, in seconds.
pub const MAX_TIMEOUT_SECONDS: u32 = 3600;
/// `spec.maxHoldSeconds` when absent, in seconds.
pub const DEFAULT_MAX_HOLD_SECONDS: i64 = 3600;
/// The least and the greatest `spec.maxHoldSeconds`, in seconds: a pod must have time to come back.
pub const MAX_HOLD_SECONDS: std::ops::RangeInclusive<i64> = 60..=86_400;

/// `upgradeHooks.custom.scriptKey` when absent.
pub const DEFAULT_SCRIPT_KEY: &str = "hooks.sh";
/// `replicas` of a component when absent (upstream's default).
pub const DEFAULT_REPLICAS: i32 = 1;
/// `terminationGracePeriodSeconds` of a component when absent (upstream's default), in seconds.
pub const DEFAULT_TERMINATION_GRACE_PERIOD_SECONDS: i64 = 120;
/// `starRocksFeProxySpec.image` when absent (upstream's default).
pub const DEFAULT_FE_PROXY_IMAGE: &str = "nginx:1.24.0";
/// `starRocksFeProxySpec.resolver` when absent (upstream's default).
pub const DEFAULT_FE_PROXY_RESOLVER: &str = "kube-dns.kube-system.svc.cluster.local";
/// The label that marks a ConfigMap as a hook.
pub const HOOK_LABEL: &str = "hookgate.dev/hook";
/// The MySQL user that hooks and the operator connect as.
pub const DEFAULT_FE_USER: &str = "root";
