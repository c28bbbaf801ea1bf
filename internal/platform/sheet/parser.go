package sheet

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

func itoa(n int) string { return strconv.Itoa(n) }

// parser takes the blocks of a plain file apart.
type parser struct {
	reader    *Reader // for the heading
	separator byte
	cells     Cells
}

// parse hands each row of a block on; false is that the block is not plain.
func (p *parser) parse(b block, row func(*Cells)) (plain bool) {
	if bytes.IndexByte(b.text, 0) >= 0 || !utf8.Valid(b.text) {
		return false
	}
	rest := b.text
	number := b.first
	for len(rest) > 0 {
		blank := false
		if rest, blank, plain = p.next(rest); !plain {
			return false
		}
		p.cells.Number = number
		number++
		if blank {
			continue
		}
		p.check()
		row(&p.cells)
	}
	return true
}

// next takes the first row off a text.
func (p *parser) next(text []byte) (rest []byte, blank, plain bool) {
	p.cells.cells = p.cells.cells[:0]
	line, rest, _ := bytes.Cut(text, []byte{'\n'})
	if bytes.IndexByte(line, '"') >= 0 {
		return p.quoted(text)
	}
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) == 0 {
		return rest, true, true
	}
	for {
		at := bytes.IndexByte(line, p.separator)
		if at < 0 {
			p.cells.cells = append(p.cells.cells, line)
			return rest, false, true
		}
		p.cells.cells = append(p.cells.cells, line[:at])
		line = line[at+1:]
	}
}

// quoted takes off a row in which double quotes stand.
func (p *parser) quoted(text []byte) (rest []byte, blank, plain bool) {
	for {
		cell, after, plain := p.cell(text)
		if !plain {
			return nil, false, false
		}
		p.cells.cells = append(p.cells.cells, cell)
		if len(after) > 0 && after[0] == p.separator {
			text = after[1:]
			continue
		}
		return bytes.TrimPrefix(bytes.TrimPrefix(after, []byte{'\r'}), []byte{'\n'}), false, true
	}
}

// cell takes off a cell, up to the separator or the line end that follows.
func (p *parser) cell(text []byte) (cell, after []byte, plain bool) {
	if len(text) == 0 || text[0] != '"' {
		end := len(text)
		if at := bytes.IndexAny(text, string([]byte{p.separator, '\n'})); at >= 0 {
			end = at
		}
		after = text[end:]
		cell = text[:end]
		if len(after) == 0 || after[0] == '\n' {
			cell = bytes.TrimSuffix(cell, []byte{'\r'})
		}
		return cell, after, bytes.IndexByte(cell, '"') < 0
	}
	text = text[1:]
	var doubled []byte // what came before a double quote that is written twice
	for {
		at := bytes.IndexByte(text, '"')
		if at < 0 {
			return nil, nil, false
		}
		after = text[at+1:]
		if len(after) > 0 && after[0] == '"' {
			doubled = append(append(doubled, text[:at]...), '"')
			text = after[1:]
			continue
		}
		cell = text[:at]
		if doubled != nil {
			cell = append(doubled, cell...)
		}
		return bytes.ReplaceAll(cell, []byte("\r\n"), []byte{'\n'}), after, p.ends(after)
	}
}

// ends reports whether a cell in double quotes may end before such a text.
func (p *parser) ends(after []byte) bool {
	return len(after) == 0 || after[0] == p.separator || after[0] == '\n' || bytes.HasPrefix(after, []byte("\r\n")) ||
		bytes.Equal(after, []byte{'\r'})
}

// check says why nothing can be made of the row, if so.
func (p *parser) check() {
	width := p.reader.width()
	p.cells.Refused = nil
	if has := len(p.cells.cells); has < width || !surplusIsEmpty(p.cells.cells, len(p.reader.names)) {
		p.cells.Refused = widthProblem(p.cells.Number, has, width)
	}
}
