package client

import "sync"

// memo remembers what a pure function made of texts that come again and again: every sign-in reads the settings
// of a client, which hardly anybody changes. Nothing remembered can be out of date, as it is found by the whole
// text that it was made of. Many may ask at once.
type memo[T any] struct {
	read  func(text string) (T, error)
	size  int
	mu    sync.RWMutex
	known map[string]T
}

// remember remembers what read makes of at most size texts. What it gives is shared, so nobody changes it.
func remember[T any](size int, read func(text string) (T, error)) *memo[T] {
	return &memo[T]{read: read, size: size, known: map[string]T{}}
}

// Read gives what the function makes of a text. Its errors are not remembered.
func (m *memo[T]) Read(text string) (T, error) {
	m.mu.RLock()
	v, known := m.known[text]
	m.mu.RUnlock()
	if known {
		return v, nil
	}
	v, err := m.read(text)
	if err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.known) >= m.size {
		clear(m.known) // few texts are asked for often, and those come back at once
	}
	m.known[text] = v
	return v, nil
}
