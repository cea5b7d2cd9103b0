# What a policy of regular expressions can say about a hook: it looks at text, and knows no shell.
package hooks

import rego.v1

forbidden := [
	`(?m)(^|[\s;&|(])(kubectl|helm|oc|docker|crictl|nsenter|chroot|mount|sudo)([\s;&|)]|$)`,
	`(?m)(^|[\s;&|(])(curl|wget|nc|ncat|telnet|ssh|scp|socat)([\s;&|)]|$)`,
	`(?m)(^|[\s;&|(])(eval|source|bash|sh|python3?|perl|ruby)([\s;&|)]|$)`,
	`/dev/(tcp|udp)/`,
	`/var/run/secrets/kubernetes\.io`,
	`(?i)\b(DROP|TRUNCATE|GRANT|REVOKE)\s+`,
	`(?i)IDENTIFIED\s+BY`,
	`AKIA[0-9A-Z]{16}`,
	`-----BEGIN [A-Z ]*PRIVATE KEY-----`,
	`(?m)(^|\s)(PATH|LD_[A-Z]+|BASH_ENV)=`,
]

deny contains message if {
	some key, script in input.data
	some pattern in forbidden
	regex.match(pattern, script)
	message := sprintf("%s: matches %s", [key, pattern])
}

deny contains message if {
	some key, script in input.data
	some name in ["pre_upgrade", "post_upgrade"]
	not regex.match(sprintf(`(?m)^%s\s*\(\)`, [name]), script)
	message := sprintf("%s: script must define %s() function", [key, name])
}
