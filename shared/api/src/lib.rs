//! StarRocksCluster and the other custom resources: types, defaults, names, versions and their CRDs.
