package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// byHand makes a workbook of which no spreadsheet program wrote a part.
func byHand(t *testing.T, strange ...func(*zip.Writer)) []byte {
	t.Helper()
	var file bytes.Buffer
	archive := zip.NewWriter(&file)
	const (
		ns  = `xmlns="http://schemas.openxmlformats.org/package/2006/`
		rel = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	)
	for name, text := range map[string]string{
		"[Content_Types].xml": `<Types ` + ns + `content-types"><Default Extension="xml" ` +
			`ContentType="application/xml"/></Types>`,
		"_rels/.rels": `<Relationships ` + ns + `relationships"><Relationship Id="rId1" Type="` + rel +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook` + ofSpreadsheets + ` xmlns:r="` + rel + `"><sheets>` +
			`<sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships ` + ns + `relationships"><Relationship Id="rId1" Type="` + rel +
			`/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
	} {
		putText(name, text)(archive)
	}
	for _, put := range strange {
		put(archive)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func putText(name, text string) func(*zip.Writer) {
	return func(archive *zip.Writer) {
		if w, err := archive.Create(name); err == nil {
			_, _ = w.Write([]byte(text)) // a buffer takes all
		}
	}
}

// ofSpreadsheets is the namespace of what stands in a workbook.
const ofSpreadsheets = ` xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`

func sheetOf(rows string) func(*zip.Writer) {
	return putText("xl/worksheets/sheet1.xml",
		`<worksheet`+ofSpreadsheets+`><sheetData>`+rows+`</sheetData></worksheet>`)
}

func sharing(texts string) func(*zip.Writer) {
	return putText("xl/sharedStrings.xml", `<sst`+ofSpreadsheets+`>`+texts+`</sst>`)
}

func styled(format string) func(*zip.Writer) {
	return putText("xl/styles.xml", `<styleSheet`+ofSpreadsheets+`><numFmts><numFmt numFmtId="164" formatCode="`+format+
		`"/></numFmts><cellXfs><xf/><xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>`)
}

func comment(name string, length int) func(*zip.Writer) {
	return putText(name, `<x><!--`+strings.Repeat(" ", length)+`--></x>`)
}

// A file that somebody made by hand takes no more of the computer than one that a spreadsheet program wrote.
func TestWorkbooksMadeByHand(t *testing.T) {
	const shown = `<c t="s"><v>0</v></c>`
	a := func(n int) string { return strings.Repeat("a", n) }
	heading := `<row r="1"><c t="inlineStr"><is><t>Name</t></is></c>` + shown + `</row>`
	raw := func(h zip.FileHeader) func(*zip.Writer) {
		return func(archive *zip.Writer) {
			if w, err := archive.CreateRaw(&h); err == nil {
				_, _ = w.Write([]byte("hello"))
			}
		}
	}
	for name, tt := range map[string]struct {
		file []byte
		want string // part of what is said; empty if it is read
	}{
		"as programs write": {byHand(t, sheetOf(heading), sharing(`<si><t>E-mail</t></si>`)), ""},
		"no shared texts":   {byHand(t, sheetOf(heading)), ""},
		"one text shown by many cells of a row": {byHand(t,
			sheetOf(`<row r="1">`+strings.Repeat(shown, 5_000)+`</row>`), sharing(`<si><t>`+a(30_000)+`</t></si>`)),
			"too much in it"},
		"one text in runs": {byHand(t, sheetOf(`<row>`+strings.Repeat(shown, 5_000)+`</row>`),
			sharing(`<si>`+strings.Repeat(`<r><t>`+a(3_000)+`</t></r>`, 10)+`</si>`)), "too much in it"},
		"one text behind another in it": {byHand(t, sheetOf(`<row>`+strings.Repeat(shown, 5_000)+`</row>`),
			sharing(`<si><si></si><t>`+a(30_000)+`</t></si>`)), "too much in it"},
		"one row in several of its number": {byHand(t,
			sheetOf(strings.Repeat(`<row r="1">`+strings.Repeat(shown, 100)+`</row>`, 50)),
			sharing(`<si><t>`+a(30_000)+`</t></si>`)), "archive or a damaged"},
		"one row in several that go back": {byHand(t, sheetOf(`<row r="3"/><row r="2">`+shown+`</row>`)),
			"archive or a damaged"},
		"a row whose number is none": {byHand(t, sheetOf(`<row r="x"/>`)), "archive or a damaged"},
		"a row too wide": {byHand(t, sheetOf(`<row>`+strings.Repeat(`<c><v>1</v></c>`, 16_385)+`</row>`)),
			"too much in it"},
		"a text too long": {byHand(t, sheetOf(`<row><c t="str"><v>`+a(140_000)+`</v></c></row>`)), "too much in it"},
		"a number too long": {byHand(t, sheetOf(`<row><c><v>`+strings.Repeat("<c/>7", 140_000)+`</v></c></row>`)),
			"too much"},
		"a format too long": {byHand(t, sheetOf(`<row><c s="1"><v>1</v></c></row>`),
			styled(strings.Repeat("0", 1_100))), "archive or a damaged"},
		"a format for very many cells": {byHand(t, sheetOf(strings.Repeat(`<row>`+strings.Repeat(
			`<c s="1"><v>45000</v></c>`, 1_000)+`</row>`, 100)), styled(strings.Repeat("dd/mm/yyyy ", 20))),
			"too much in it"},
		"a format": {byHand(t, sheetOf(`<row><c s="1"><v>1</v></c></row>`), styled("0000")), ""},
		"another encoding": {byHand(t, putText("xl/worksheets/sheet1.xml",
			`<?xml version="1.0" encoding="latin1"?><worksheet/>`)), "archive or a damaged"},
		"a size below nothing": {byHand(t, sheetOf(heading), raw(zip.FileHeader{Name: "x", Method: zip.Store,
			UncompressedSize64: 1 << 63, CompressedSize64: 5})), "too much in it"},
		"sizes that come to nothing": {byHand(t, sheetOf(heading),
			raw(zip.FileHeader{Name: "x", UncompressedSize64: 1<<64 - 1, CompressedSize64: 5}),
			raw(zip.FileHeader{Name: "y", UncompressedSize64: 1, CompressedSize64: 5})), "too much in it"},
		"files that are large together": {byHand(t, sheetOf(heading), comment("x.xml", 3<<20), comment("y.xml", 3<<20)),
			"too much in it"},
		"a size that is not so": {byHand(t, sheetOf(heading), raw(zip.FileHeader{Name: "x", Method: zip.Store,
			UncompressedSize64: 3, CompressedSize64: 5})), "archive or a damaged"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := sheet.Look(bytes.NewReader(tt.file), 128<<10)
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 100<<20 {
			t.Errorf("%s: %d bytes in a file of %d took %d MB", name, took, len(tt.file), took>>20)
		}
		if tt.want == "" && err != nil || tt.want != "" && (!errors.Is(err, fault.Invalid) ||
			!strings.Contains(fmt.Sprint(err), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
