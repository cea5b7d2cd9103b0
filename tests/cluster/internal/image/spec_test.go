package image

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	for name, test := range map[string]struct{ spec, says string }{
		"neither tags nor versions": {`{}`, "either tags or versions"},
		"an unknown field":          {`{"tags": ["x"], "layers": []}`, "layers"},
		"a relative path":           {`{"tags": ["x"], "files": [{"path": "etc/x", "lines": []}]}`, "etc/x"},
		"a path that climbs":        {`{"tags": ["x"], "folders": [{"path": "/etc/../x"}]}`, "/etc/../x"},
		"a file of nothing":         {`{"tags": ["x"], "files": [{"path": "/x"}]}`, "from or lines"},
		"a mode that isn't octal":   {`{"tags": ["x"], "folders": [{"path": "/x", "mode": "789"}]}`, "octal"},
		"an owner without a group":  {`{"tags": ["x"], "folders": [{"path": "/x", "owner": "me"}]}`, "1000:1000"},
		"a value not given":         {`{"tags": ["${tag}"]}`, "--set tag=..."},
		"a version that is a path":  {`{"versions": {"path": "/v", "list": ["../1"], "tags": ["x:${version}"]}}`, "../1"},
	} {
		if _, err := Parse([]byte(test.spec), nil); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValuesArePutInAsTheyAre(t *testing.T) {
	spec, err := Parse([]byte(`{"tags": ["${tag}"]}`), map[string]string{"tag": `a"b\c`})
	if err != nil || spec.Tags[0] != `a"b\c` {
		t.Errorf("tags %q, error %v", spec.Tags, err)
	}
}

func TestRelativePathsStartAtTheSpec(t *testing.T) {
	if got := relativeTo("/specs", "../files/x"); got != "/files/x" {
		t.Errorf("got %s", got)
	}
	if got := relativeTo("/specs", "/x"); got != "/x" {
		t.Errorf("got %s", got)
	}
}
