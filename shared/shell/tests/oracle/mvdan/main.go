// Command mvdan prints what mvdan.cc/sh reads in scripts, in the shape that the tests of hookgate-shell
// compare with. Standard input: scripts with a NUL byte between them. Standard output: a JSON array with
// one element for each script.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// event is something that was read: where, of which kind, and its text.
type event struct {
	Offset uint   `json:"offset"`
	Kind   string `json:"kind"`
	Text   string `json:"text"`
}

// reading is what was read in one script.
type reading struct {
	Error  string  `json:"error"`
	Events []event `json:"events"`
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mvdan: standard input:", err)
		os.Exit(1)
	}
	readings := []reading{}
	for _, script := range bytes.Split(input, []byte{0}) {
		readings = append(readings, read(script))
	}
	if err := json.NewEncoder(os.Stdout).Encode(readings); err != nil {
		fmt.Fprintln(os.Stderr, "mvdan: standard output:", err)
		os.Exit(1)
	}
}

func read(script []byte) (result reading) {
	defer func() {
		if problem := recover(); problem != nil {
			result = reading{Error: fmt.Sprint("panic: ", problem)}
		}
	}()
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(bytes.NewReader(script), "")
	if err != nil {
		return reading{Error: err.Error()}
	}
	collector := &collector{events: []event{}, branches: map[*syntax.IfClause]bool{}}
	syntax.Walk(file, collector.visit)
	return reading{Events: collector.events}
}

type collector struct {
	events   []event
	branches map[*syntax.IfClause]bool
}

func (c *collector) add(pos syntax.Pos, kind, text string) {
	c.events = append(c.events, event{pos.Offset(), kind, text})
}

func (c *collector) words(words []*syntax.Word) {
	for _, word := range words {
		c.add(word.Pos(), "word", flat(word))
	}
}

func (c *collector) visit(node syntax.Node) bool {
	switch node := node.(type) {
	case *syntax.CallExpr:
		if len(node.Args) > 0 {
			c.add(node.Args[0].Pos(), "command", join(node.Args))
		}
		for _, assign := range node.Assigns {
			c.add(assign.Pos(), "assignment", assignment(assign))
		}
	case *syntax.DeclClause:
		words := []string{node.Variant.Value}
		for _, assign := range node.Args {
			words = append(words, assignment(assign))
		}
		c.add(node.Variant.Pos(), "command", strings.Join(words, "\x1f"))
	case *syntax.LetClause:
		c.add(node.Let, "command", "let")
	case *syntax.Redirect:
		c.redirect(node)
	case *syntax.FuncDecl:
		c.add(node.Name.Pos(), "function", node.Name.Value)
	case *syntax.ParamExp:
		if !node.Dollar.IsValid() { // a name in arithmetic
			break
		}
		name := ""
		if node.Param != nil {
			name = node.Param.Value
		}
		c.add(node.Dollar, "parameter", name)
	case *syntax.CmdSubst:
		c.add(node.Left, "substitution", "$")
	case *syntax.ProcSubst:
		c.add(node.OpPos, "substitution", node.Op.String()[:1])
	case *syntax.Subshell:
		c.add(node.Lparen, "compound", "(")
	case *syntax.Block:
		c.add(node.Lbrace, "compound", "{")
	case *syntax.IfClause:
		// An `elif` and an `else` are clauses of their own here.
		for branch := node.Else; branch != nil; branch = branch.Else {
			c.branches[branch] = true
		}
		if !c.branches[node] {
			c.add(node.Position, "compound", "if")
		}
	case *syntax.WhileClause:
		c.add(node.WhilePos, "compound", "while")
	case *syntax.ForClause:
		c.add(node.ForPos, "compound", "for")
		if iter, ok := node.Loop.(*syntax.WordIter); ok {
			c.words(iter.Items)
		}
	case *syntax.CaseClause:
		c.add(node.Case, "compound", "case")
		c.add(node.Word.Pos(), "word", flat(node.Word))
		for _, item := range node.Items {
			c.words(item.Patterns)
		}
	case *syntax.TestClause:
		c.add(node.Left, "compound", "[[")
		c.operand(node.X)
	case *syntax.ParenTest:
		c.operand(node.X)
	case *syntax.ArithmCmd:
		c.add(node.Left, "compound", "((")
	case *syntax.BinaryTest:
		c.operand(node.X)
		c.operand(node.Y)
	case *syntax.UnaryTest:
		c.operand(node.X)
	}
	return true
}

func (c *collector) operand(expr syntax.TestExpr) {
	if word, ok := expr.(*syntax.Word); ok {
		c.add(word.Pos(), "word", flat(word))
	}
}

func (c *collector) redirect(node *syntax.Redirect) {
	pos, descriptor := node.OpPos, ""
	if node.N != nil {
		pos, descriptor = node.N.Pos(), node.N.Value
	}
	text := descriptor + node.Op.String()
	if node.Op == syntax.Hdoc || node.Op == syntax.DashHdoc {
		body := ""
		if node.Hdoc != nil {
			body = document(node.Hdoc, quoted(node.Word), node.Op == syntax.DashHdoc)
		}
		c.add(pos, "document", text+flat(node.Word)+"\x1f"+body)
		return
	}
	c.add(pos, "redirection", text+flat(node.Word))
}

// quoted says whether any part of the delimiter is quoted.
func quoted(word *syntax.Word) bool {
	for _, part := range word.Parts {
		if lit, ok := part.(*syntax.Lit); !ok || strings.Contains(lit.Value, "\\") {
			return true
		}
	}
	return false
}

func document(word *syntax.Word, quoted, strip bool) string {
	var text strings.Builder
	lineStart := true
	for _, part := range word.Parts {
		lit, ok := part.(*syntax.Lit)
		if !ok {
			text.WriteString(flatPart(part, "$`\\"))
			lineStart = false
			continue
		}
		value := lit.Value
		if strip {
			lines := strings.SplitAfter(value, "\n")
			for i, line := range lines {
				continues := i > 0 && strings.HasSuffix(lines[i-1], "\\\n") && !quoted
				if (i > 0 || lineStart) && !continues {
					lines[i] = strings.TrimLeft(line, "\t")
				}
			}
			value = strings.Join(lines, "")
		}
		lineStart = false
		if quoted {
			text.WriteString(value)
		} else {
			text.WriteString(unescape(value, "$`\\"))
		}
	}
	return text.String()
}

func assignment(assign *syntax.Assign) string {
	if assign.Naked {
		if assign.Name != nil {
			return assign.Name.Value
		}
		return flat(assign.Value)
	}
	text := assign.Name.Value
	if assign.Index != nil {
		text += "[]"
	}
	if assign.Append {
		text += "+"
	}
	text += "="
	if assign.Array != nil {
		return text + array(assign.Array)
	}
	if assign.Value != nil {
		text += flat(assign.Value)
	}
	return text
}

func array(node *syntax.ArrayExpr) string {
	elements := []string{}
	for _, element := range node.Elems {
		text := ""
		if element.Index != nil {
			text = "[]="
		}
		if element.Value != nil {
			text += flat(element.Value)
		}
		elements = append(elements, text)
	}
	return "(" + strings.Join(elements, "\x1e") + ")"
}

func join(words []*syntax.Word) string {
	texts := []string{}
	for _, word := range words {
		texts = append(texts, flat(word))
	}
	return strings.Join(texts, "\x1f")
}

// flat is a word without its quotes, each expansion replaced by a mark.
func flat(word *syntax.Word) string {
	var text strings.Builder
	for _, part := range word.Parts {
		text.WriteString(flatPart(part, ""))
	}
	return text.String()
}

// flatPart flattens a part; a backslash escapes any character, or those of escapable when there are any.
func flatPart(part syntax.WordPart, escapable string) string {
	switch part := part.(type) {
	case *syntax.Lit:
		return unescape(part.Value, escapable)
	case *syntax.SglQuoted:
		if part.Dollar {
			decoded, _, err := expand.Format(nil, part.Value, nil)
			if err != nil {
				return part.Value
			}
			return decoded
		}
		return part.Value
	case *syntax.DblQuoted:
		var text strings.Builder
		for _, inner := range part.Parts {
			text.WriteString(flatPart(inner, "$`\"\\"))
		}
		return text.String()
	case *syntax.ParamExp:
		return "\x01P"
	case *syntax.CmdSubst:
		return "\x01C"
	case *syntax.ArithmExp:
		return "\x01A"
	case *syntax.ProcSubst:
		return "\x01" + part.Op.String()[:1]
	case *syntax.ExtGlob:
		return "\x01E"
	default:
		return "\x01?"
	}
}

func unescape(text, escapable string) string {
	var result strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			next := text[i+1]
			if next == '\n' {
				i++
				continue
			}
			if escapable == "" || strings.IndexByte(escapable, next) >= 0 {
				result.WriteByte(next)
				i++
				continue
			}
		}
		result.WriteByte(text[i])
	}
	return result.String()
}
