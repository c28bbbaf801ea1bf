package queue

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// String writes a place for an address.
func (p Place) String() string {
	at := int64(0)
	if !p.when.IsZero() {
		at = p.when.UnixMilli()
	}
	return fmt.Sprintf("%d_%d_%d_%s", p.asOf.UnixMilli(), p.band, at, p.id)
}

// Over reports whether nothing follows.
func (p Place) Over() bool { return p.asOf.IsZero() }

// ReadPlace reads a place as String wrote it. Anything else is the beginning of the queue.
func ReadPlace(text string) Place {
	parts := strings.SplitN(text, "_", 4)
	if len(parts) != 4 {
		return Place{}
	}
	var numbers [3]int64
	for i := range numbers {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil || n < 0 {
			return Place{}
		}
		numbers[i] = n
	}
	p := Place{asOf: time.UnixMilli(numbers[0]), band: int(numbers[1]), id: parts[3]}
	if numbers[2] > 0 {
		p.when = time.UnixMilli(numbers[2])
	}
	return p
}
