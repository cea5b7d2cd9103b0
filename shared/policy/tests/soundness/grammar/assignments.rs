//! Assignments: of texts, of numbers, of arrays.

use super::Writer;

impl Writer {
    pub(super) fn assignment(&mut self) {
        let text = self.text();
        let shape = self.choose(
            "assign",
            &["=", "+=", "local", "declare", "declare -r", "local -r", "=$x", "IFS", "=$()", "=``"],
        );
        let name = self.pick(&["s1", "s2", "v1", "v2"]);
        let line = match shape.as_str() {
            "=" | "+=" if name.starts_with('s') => {
                let literal = self.literal();
                format!("{name}{shape}{literal}")
            }
            "=" | "+=" => format!("{name}{shape}{text}"),
            "local" | "declare" => format!("{shape} v3={text} v4"),
            "declare -r" | "local -r" => format!("{shape} v{}={text}", 20 + self.mark),
            "=$x" => format!("{name}=$v1$1\"$s1\""),
            // A separator of its own changes how the connection is split.
            "IFS" if self.own_separator => "( local IFS=,; echo \"${a1[*]}\" \"$*\" )".to_owned(),
            "=``" => "v1=`echo \"$v1\" | cut -c 1-30`".to_owned(),
            _ => {
                let command = self.filtered();
                format!("v1=$({command})")
            }
        };
        self.line(&line);
    }

    pub(super) fn number_assignment(&mut self) {
        let shape = self.choose(
            "number",
            &[
                "=N",
                "$(( ))",
                "(( = ))",
                "(( ++ ))",
                "(( += ))",
                "${#s}",
                "$#",
                "$?",
                "$SECONDS",
                "wc -l",
                "grep -c",
                "grep -c || true",
                "awk",
                "date +%s",
                "k[ ]",
                "(( k[ ] ))",
                "query",
            ],
        );
        let arithmetic = self.arithmetic(2);
        let line = match shape.as_str() {
            "=N" => "n1=17".to_owned(),
            "$(( ))" => format!("n2=$(( {arithmetic} ))"),
            "(( = ))" => format!("(( n2 = {arithmetic} ))"),
            "(( ++ ))" => self.pick(&["(( n1++ ))", "(( ++n2 ))", "(( n2-- ))", "(( i += 0 ))"]),
            "(( += ))" => format!("(( n2 += {arithmetic} ))"),
            "${#s}" => "n3=${#v1}".to_owned(),
            "$#" => "n3=$#".to_owned(),
            "$?" => "n3=$?".to_owned(),
            "$SECONDS" => "n3=$SECONDS".to_owned(),
            "wc -l" => {
                let command = self.filtered();
                format!("n3=$({command} | wc -l)")
            }
            "grep -c" => {
                let command = self.filtered();
                format!("n3=$({command} | grep -c x)")
            }
            "grep -c || true" => {
                let command = self.filtered();
                format!("n3=$({command} | grep -c x || true)")
            }
            "awk" => {
                let command = self.filtered();
                let program =
                    self.pick(&["{ s += $1 } END { print s }", "END { print NR - 1 }", "{ print $1 + 0 }"]);
                format!("q1=$({command} | awk '{program}'); n2=$(( q1 + 1 ))")
            }
            "date +%s" => "n3=$(date +%s)".to_owned(),
            "k[ ]" => format!("k1[$i]=$(( {arithmetic} ))"),
            "(( k[ ] ))" => "(( k1[1] = n1 + 1 ))".to_owned(),
            _ => {
                let query = self.number_query();
                format!("q1=$({query}); [ \"$q1\" -ge 0 ] || return 1; n2=$(( q1 + 1 ))")
            }
        };
        self.line(&line);
    }

    pub(super) fn array(&mut self) {
        let (word, text, literal) = (self.words(), self.text(), self.literal());
        let shape = self.choose(
            "array",
            &[
                "=( )",
                "+=( )",
                "[n]=",
                "m[x]=",
                "m[x]+=",
                "for keys",
                "for positions",
                "for values",
                "unset",
                "=([n]= )",
                "local -a",
                "mapfile",
            ],
        );
        let line = match shape.as_str() {
            "=( )" => format!("a2=({word} {text})"),
            "+=( )" => format!("a2+=({word})"),
            "[n]=" => format!("a2[n1]={text}"),
            "m[x]=" => format!("m1[x]={text}"),
            "m[x]+=" => format!("m1['y_1']+={text}"),
            "for keys" => "for key in \"${!a1[@]}\"; do echo \"${a1[$key]}\"; done".to_owned(),
            "for positions" => {
                "for position in \"${!a1[@]}\"; do echo \"$((position + 1)): ${a1[position]}\"; done"
                    .to_owned()
            }
            "for values" => "for v3 in \"${m1[@]}\" \"${a2[@]}\"; do echo \"$v3\"; done".to_owned(),
            "unset" => "unset -v v2 a2; v2=; a2=(x y)".to_owned(),
            "=([n]= )" => format!("a2=([0]={text} [2]={literal})"),
            "local -a" => format!("local -a b1=({word})"),
            _ => format!("mapfile -t a2 <<< {literal}"),
        };
        self.line(&line);
    }
}
