// The question "may this viewer have this file, now?" as a site in Go answers it: an HS256 JWT for the lesson asked for.
// authorize SOCKET
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"net/http/fcgi"
	"os"
	"strings"
	"time"
)

var secret = []byte(os.Getenv("SECRET_KEY"))

func status(request *http.Request) int {
	credential := request.Header.Get("Authorization")
	parts := strings.Split(strings.TrimPrefix(credential, "Bearer "), ".")
	if !strings.HasPrefix(credential, "Bearer ") || len(parts) != 3 {
		return 401
	}
	var header struct{ Alg string }
	var claims struct {
		Rel string
		Exp int64
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || json.Unmarshal(text, &header) != nil || header.Alg != "HS256" {
		return 401
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(parts[0] + "." + parts[1]))
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return 401
	}
	text, err = base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil || json.Unmarshal(text, &claims) != nil || claims.Exp <= time.Now().Unix() {
		return 401
	}
	uri := strings.Split(fcgi.ProcessEnv(request)["RG_URI"], "/")
	if len(uri) < 7 || uri[1] != "hls2" || strings.Join(uri[2:6], "/") != claims.Rel {
		return 403
	}
	return 204
}

func main() {
	socket, err := net.Listen("unix", os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(fcgi.Serve(socket, http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.WriteHeader(status(request))
	})))
}
