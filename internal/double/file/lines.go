package file

import (
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines gives the line on which each member of a TOML text stands, by its place as Problem names it. It
// knows tables and their members, not what is inside inline tables.
func lines(text []byte) map[string]int {
	at := map[string]int{}
	tables := map[string]int{}
	var p unstable.Parser
	p.Reset(text)
	table := ""
	for p.NextExpression() {
		e := p.Expression()
		place := ""
		line := 0
		if e.Kind == unstable.KeyValue {
			place = table
		}
		for keys := e.Key(); keys.Next(); {
			n := keys.Node()
			line = p.Shape(n.Raw).Start.Line
			place = join(place, string(n.Data))
			if e.Kind == unstable.ArrayTable && keys.IsLast() {
				if tables[place]++; tables[place] == 1 {
					at[place] = line
				}
			}
			if n := tables[place]; n > 0 {
				place = fmt.Sprintf("%s[%d]", place, n)
			}
		}
		if e.Kind == unstable.Table || e.Kind == unstable.ArrayTable {
			table = place
		}
		at[place] = line
	}
	return at
}

func join(place, name string) string {
	if place == "" {
		return name
	}
	return place + "." + name
}
