// Serves a folder on loopback as an S3 store serves objects, by GET, HEAD, ranges and listings, and prints its port.
package main

import (
	"encoding/xml"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

type object struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int64
}

type listing struct {
	XMLName     xml.Name `xml:"ListBucketResult"`
	IsTruncated bool
	Contents    []object
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	files := http.FileServer(http.Dir(os.Args[1]))
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if query := request.URL.Query(); query.Has("list-type") {
			bucket := filepath.Join(os.Args[1], filepath.Clean(request.URL.Path))
			xml.NewEncoder(answer).Encode(list(bucket, query.Get("prefix")))
			return
		}
		files.ServeHTTP(answer, request)
	})))
}

func list(bucket, prefix string) listing {
	var found listing
	paths, _ := filepath.Glob(filepath.Join(bucket, filepath.Dir(prefix+"."), "*"))
	for _, path := range paths {
		key, _ := filepath.Rel(bucket, path)
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && strings.HasPrefix(key, prefix) {
			found.Contents = append(found.Contents, object{key, info.ModTime(), `"1"`, info.Size()})
		}
	}
	return found
}
