// Package memo remembers what was made of texts that come again and again, such as the settings of a
// client, which every sign-in reads and hardly anybody changes. Nothing remembered can be out of date: it is
// found by the whole text that it was made of.
package memo

import "sync"

// Memo remembers what a pure function made of texts. Many may ask at once.
type Memo[T any] struct {
	read  func(text string) (T, error)
	most  int
	mu    sync.RWMutex
	known map[string]T
}

// Of remembers what read makes of at most that many texts. What it gives is shared, so nobody changes it.
func Of[T any](most int, read func(text string) (T, error)) *Memo[T] {
	return &Memo[T]{read: read, most: most, known: map[string]T{}}
}

// Read gives what the function makes of a text. Its errors are not remembered.
func (m *Memo[T]) Read(text string) (T, error) {
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
	if len(m.known) >= m.most {
		clear(m.known) // few texts are asked for often, and those come back at once
	}
	m.known[text] = v
	return v, nil
}
