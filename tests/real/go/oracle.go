// Command oracle answers questions about logs and notes with golang.org/x/mod: one JSON
// document a line in, one line out.
package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	Ask    string
	Old    int64
	New    int64
	Leaves []string
	Path   []string
	Hash   string
	Root   string
	Note   []byte
	Keys   []string
	Signer string
}

func hash(text string) (h tlog.Hash) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		panic("the question has no hash where one belongs")
	}
	copy(h[:], raw)
	return h
}

func hashes(texts []string) (all []tlog.Hash) {
	for _, text := range texts {
		all = append(all, hash(text))
	}
	return all
}

func spelt(all []tlog.Hash) string {
	var texts []string
	for _, one := range all {
		texts = append(texts, one.String())
	}
	return strings.Join(texts, " ")
}

// stored holds the hashes of one tree at their storage indexes.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) (all []tlog.Hash, err error) {
	for _, index := range indexes {
		if index >= int64(len(s)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		all = append(all, s[index])
	}
	return all, nil
}

var tree stored
var sizes []int

func grow(leaves []string) error {
	tree, sizes = nil, []int{0}
	for number, leaf := range leaves {
		more, err := tlog.StoredHashesForRecordHash(int64(number), hash(leaf), tree)
		if err != nil {
			return err
		}
		tree = append(tree, more...)
		sizes = append(sizes, len(tree))
	}
	return nil
}

func tiles(size int64) (string, error) {
	digest := sha256.New()
	var paths []string
	for level := 0; size>>(8*level) > 0; level++ {
		count := size >> (8 * level)
		for number := int64(0); number*256 < count; number++ {
			tile := tlog.Tile{H: 8, L: level, N: number, W: 256}
			if left := count - number*256; left < 256 {
				tile.W = int(left)
			}
			data, err := tlog.ReadTileData(tile, tree[:sizes[size]])
			if err != nil {
				return "", err
			}
			paths = append(paths, tile.Path())
			digest.Write(data)
		}
	}
	return fmt.Sprintf("%x %s", digest.Sum(nil), strings.Join(paths, " ")), nil
}

func open(q question) (string, error) {
	var known []note.Verifier
	for _, key := range q.Keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return "", err
		}
		known = append(known, verifier)
	}
	opened, err := note.Open(q.Note, note.VerifierList(known...))
	if err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString([]byte(opened.Text)), nil
}

func answer(q question) (string, error) {
	switch q.Ask {
	case "tree":
		return "", grow(q.Leaves)
	case "root":
		root, err := tlog.TreeHash(q.New, tree)
		return root.String(), err
	case "tiles":
		return tiles(q.New)
	case "prove inclusion":
		path, err := tlog.ProveRecord(q.New, q.Old, tree)
		return spelt(path), err
	case "prove consistency":
		path, err := tlog.ProveTree(q.New, q.Old, tree)
		return spelt(path), err
	case "inclusion":
		return "", tlog.CheckRecord(hashes(q.Path), q.New, hash(q.Root), q.Old, hash(q.Hash))
	case "consistency":
		return "", tlog.CheckTree(hashes(q.Path), q.New, hash(q.Root), q.Old, hash(q.Hash))
	case "open":
		return open(q)
	case "sign":
		signer, err := note.NewSigner(q.Signer)
		if err != nil {
			return "", err
		}
		signed, err := note.Sign(&note.Note{Text: string(q.Note)}, signer)
		return base64.StdEncoding.EncodeToString(signed), err
	}
	panic("a question that nobody can answer: " + q.Ask)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	decoder := json.NewDecoder(in)
	for decoder.More() {
		var q question
		if err := decoder.Decode(&q); err != nil {
			panic(err)
		}
		if said, err := answer(q); err != nil {
			fmt.Fprintln(out, "no")
		} else {
			fmt.Fprintln(out, "yes", said)
		}
	}
}
