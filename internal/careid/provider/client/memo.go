package client

import "sync"

// memo remembers the results of a pure function for texts that come again and again: every sign-in decodes
// the settings of a client, which seldom change. A result cannot be out of date, because it is found by the
// whole text that it was made from. A memo may be used by several goroutines.
type memo[T any] struct {
	read   func(text string) (T, error)
	size   int
	mu     sync.RWMutex
	values map[string]T
}

// remember returns a memo of read for at most size texts. Its results are shared, so callers must not change
// them.
func remember[T any](size int, read func(text string) (T, error)) *memo[T] {
	return &memo[T]{read: read, size: size, values: map[string]T{}}
}

// Read returns the function's result for a text. Errors are not remembered.
func (m *memo[T]) Read(text string) (T, error) {
	m.mu.RLock()
	v, found := m.values[text]
	m.mu.RUnlock()
	if found {
		return v, nil
	}
	v, err := m.read(text)
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.values) >= m.size {
		clear(m.values) // the few texts that are read often come back at once
	}
	m.values[text] = v
	return v, nil
}
