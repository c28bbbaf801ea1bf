package client

import (
	"strconv"
	"sync"
	"testing"
)

func TestMemo(t *testing.T) {
	reads := 0
	numbers := remember(2, func(text string) (int, error) {
		reads++
		return strconv.Atoi(text)
	})
	for n, c := range []struct {
		text  string
		want  int
		reads int // so far
	}{
		{"1", 1, 1}, {"1", 1, 1}, {"2", 2, 2}, {"1", 1, 2},
		{"3", 3, 3}, // there is room for two, so this one is alone
		{"3", 3, 3}, {"1", 1, 4},
	} {
		got, err := numbers.Read(c.text)
		if err != nil || got != c.want || reads != c.reads {
			t.Errorf("step %d: Read(%q) = %d, %v after %d reads, want %d after %d", n, c.text, got, err, reads, c.want,
				c.reads)
		}
	}
}

func TestMemoKeepsNoError(t *testing.T) {
	reads := 0
	numbers := remember(2, func(text string) (int, error) {
		reads++
		return strconv.Atoi(text)
	})
	for range 2 {
		if _, err := numbers.Read("one"); err == nil {
			t.Error("Read gave no error for a text that is no number")
		}
	}
	if reads != 2 {
		t.Errorf("the text was read %d times, want twice: an error may pass", reads)
	}
}

func TestMemoReadByMany(t *testing.T) {
	numbers := remember(8, strconv.Atoi)
	var together sync.WaitGroup
	for n := range 64 {
		together.Go(func() {
			if got, err := numbers.Read(strconv.Itoa(n % 16)); err != nil || got != n%16 {
				t.Errorf("Read(%d) = %d, %v", n%16, got, err)
			}
		})
	}
	together.Wait()
}
