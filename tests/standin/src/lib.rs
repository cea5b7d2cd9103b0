//! A stand-in for the StarRocks server: FE over the MySQL protocol, BE and CN.
