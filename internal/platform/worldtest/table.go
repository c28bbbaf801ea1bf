package worldtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Table prints a line of a table, and adds it to the table's file in the folder that TEST_TABLES names, if any. It
// panics if it cannot.
func Table(name, line string) {
	fmt.Println(line)
	keep(name, line)
}

func keep(name, line string) {
	folder := os.Getenv("TEST_TABLES")
	if folder == "" {
		return
	}
	file, err := os.OpenFile(filepath.Join(folder, name+".txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(file, line)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		panic(err)
	}
}

// Linking logs what was tried of a rule or an attack on linking (R1 to R13, L1 to L36), and adds it to their table.
func Linking(t testing.TB, format string, args ...any) {
	t.Helper()
	line := fmt.Sprintf(format, args...)
	t.Log(line)
	keep("linking", line)
}
