//! `nginx.conf` of the FE proxy.
//!
//! FE answers a load with 307 and the address of a BE or CN, which a client outside of the cluster can't reach: nginx
//! follows it and hands the answer on. FE refuses a load without `Expect: 100-continue`, a header that nginx leaves out
//! unless it's told, and doesn't read its body; an FE that doesn't lead answers 307 with the address of the one that
//! does. Headers of StarRocks have underscores, which nginx drops unless it's told. (docs.starrocks.io, Stream Load;
//! nginx.org, `ngx_http_proxy_module`.)

use hookgate_api::{Component, cluster::FeProxySpec, names};

/// The port that the proxy listens at.
pub(super) const PORT: i32 = 8080;
/// Where the proxy answers for itself.
pub(super) const HEALTH: &str = "/nginx/health";

/// The names in `<cluster>-fe-search` are FEs: everything else that a load is sent to takes its body.
const TEMPLATE: &str = r#"worker_processes auto;
# The root file system may be read-only but for /tmp, and nginx runs without root.
pid /tmp/nginx.pid;
error_log stderr error;

events {
  worker_connections 1024;
}

http {
  client_body_temp_path /tmp/nginx-body;
  proxy_temp_path /tmp/nginx-proxy;
  fastcgi_temp_path /tmp/nginx-fastcgi;
  uwsgi_temp_path /tmp/nginx-uwsgi;
  scgi_temp_path /tmp/nginx-scgi;
  default_type application/octet-stream;
  server_tokens off;
  access_log off;

  # Loads are large and slow, and the names of their headers have underscores.
  client_max_body_size 0;
  underscores_in_headers on;
  ignore_invalid_headers off;
  proxy_read_timeout 3600s;
  proxy_send_timeout 3600s;

  # Pods come back under other addresses: names are asked for anew.
  resolver @RESOLVER@ valid=10s;

  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  proxy_set_header Expect $http_expect;
  proxy_set_header X-Real-IP $remote_addr;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;

  # What a server redirects to is asked here, not by the client. A chain of redirects ends after ten.
  proxy_intercept_errors on;
  recursive_error_pages on;

  # Where a load goes next: to another FE without its body, or to the server that takes it.
  map $upstream_http_location $next_of_load {
    volatile;
    "~^https?://[^/]*\.@SEARCH@\." @fe;
    default @server;
  }

  server {
    listen @PORT@;
    set $fe http://@SERVICE@.@NAMESPACE@.svc.cluster.local:@FE_PORT@;

    location = @HEALTH@ {
      return 200;
    }

    location / {
      proxy_pass $fe;
      error_page 307 = @server;
    }

    # A load: FE says only where to.
    location ~ ^/api/(transaction/load|.+/_stream_load)$ {
      proxy_pass $fe;
@ASK_FE@
    }

    location @fe {
      set $target $upstream_http_location;
      proxy_pass $target;
@ASK_FE@
    }

    location @server {
      set $target $upstream_http_location;
      proxy_pass $target;
      error_page 307 = @server;
    }
  }
}
"#;

/// What FE is asked of a load: only where to. A location that sets a header has none of the server's, so that they stand
/// here once more.
const ASK_FE: &str = r#"      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header Transfer-Encoding "";
      proxy_set_header Host $http_host;
      proxy_set_header Expect $http_expect;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      error_page 307 = $next_of_load;"#;

/// The configuration for that cluster.
pub(super) fn configuration(cluster: &str, namespace: &str, fe_http_port: i32, spec: &FeProxySpec) -> String {
    let values = [
        ("@ASK_FE@", ASK_FE.to_owned()),
        ("@RESOLVER@", spec.resolver().to_owned()),
        ("@SEARCH@", names::search_service(cluster, Component::Fe)),
        ("@PORT@", PORT.to_string()),
        ("@SERVICE@", names::external_service(cluster, Component::Fe)),
        ("@NAMESPACE@", namespace.to_owned()),
        ("@FE_PORT@", fe_http_port.to_string()),
        ("@HEALTH@", HEALTH.to_owned()),
    ];
    values.iter().fold(TEMPLATE.to_owned(), |text, (name, value)| text.replace(name, value))
}
