package readiness_test

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite"

	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/dos/rollout/readiness/readinesstest"
	"signpost/internal/dos/rollout/readiness/report"
	"signpost/internal/platform/clock"
)

// national is how many there are in England, or somewhat more.
var national = readinesstest.Population{Accounts: 100_000, Identities: 1_500_000}

// BenchmarkReadiness reads, matches and plans 100,000 accounts against 1,500,000 Care Identities, which is to take 1.5
// seconds at most; and does it with all that is written, in 5 at most. Beside them stand the least that could be done,
// a join of lines by their addresses, and the same join by SQLite. Compare them within one run.
func BenchmarkReadiness(b *testing.B) {
	folder := b.TempDir()
	accounts := filepath.Join(folder, "a.csv")
	identities := filepath.Join(folder, "i.csv")
	write(b, folder, national)
	options := readiness.Options{Accounts: file(accounts), Identities: file(identities)}
	b.Run("bare join", func(b *testing.B) {
		for b.Loop() {
			if n := bareJoin(b, accounts, identities); n == 0 {
				b.Fatal("nothing was joined")
			}
		}
	})
	b.Run("read, match and plan", func(b *testing.B) {
		for b.Loop() {
			compute(b, options)
		}
	})
	b.Run("with all that is written", func(b *testing.B) {
		for b.Loop() {
			now := clock.System{}.Now()
			if _, err := report.Write(compute(b, options), report.Options{Folder: b.TempDir(), Now: now}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("SQLite", func(b *testing.B) {
		for b.Loop() {
			if n := databaseJoin(b, accounts, identities); n == 0 {
				b.Fatal("nothing was joined")
			}
		}
	})
}

// bareJoin joins lines by the second cell, without a look at anything else.
func bareJoin(b *testing.B, accounts, identities string) (n int) {
	b.Helper()
	emails := map[string]bool{}
	eachLine(b, accounts, func(email []byte) { emails[string(bytes.ToLower(email))] = true })
	var room [200]byte
	eachLine(b, identities, func(email []byte) {
		lower := append(room[:0], email...)
		for i, c := range lower {
			if c >= 'A' && c <= 'Z' {
				lower[i] = c | 0x20
			}
		}
		if emails[string(lower)] {
			n++
		}
	})
	return n
}

func eachLine(b *testing.B, path string, second func([]byte)) {
	b.Helper()
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(bufio.NewReaderSize(file, 1<<20))
	for lines.Scan() {
		_, rest, _ := bytes.Cut(lines.Bytes(), []byte{','})
		email, _, _ := bytes.Cut(rest, []byte{','})
		second(email)
	}
	if err := errors.Join(lines.Err(), file.Close()); err != nil {
		b.Fatal(err)
	}
}

// databaseJoin loads both lists into SQLite and joins them there.
func databaseJoin(b *testing.B, accounts, identities string) (n int) {
	b.Helper()
	ctx := b.Context()
	address := "file:" + filepath.Join(b.TempDir(), "join.db") + "?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)"
	d, err := sql.Open("sqlite", address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	tx, err := d.BeginTx(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	loadRows(b, tx, "account", accounts)
	loadRows(b, tx, "identity", identities)
	if _, err := tx.ExecContext(ctx, "CREATE INDEX identity_email ON identity (email)"); err != nil {
		b.Fatal(err)
	}
	err = tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM account a JOIN identity i ON i.email = a.email").Scan(&n)
	if err := errors.Join(err, tx.Rollback()); err != nil {
		b.Fatal(err)
	}
	return n
}

// loadRows loads the first four cells of each row of a list into a table of their own.
func loadRows(b *testing.B, tx *sql.Tx, table, path string) {
	b.Helper()
	ctx := b.Context()
	_, err := tx.ExecContext(ctx, "CREATE TABLE "+table+" (id TEXT, email TEXT, given TEXT, family TEXT)")
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+table+" VALUES (?, lower(?), ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = insert.Close() }()
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows := csv.NewReader(bufio.NewReaderSize(file, 1<<20))
	rows.ReuseRecord = true
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err == nil {
			_, err = insert.ExecContext(ctx, cells[0], cells[1], cells[2], cells[3])
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
