curl 'http://127.0.0.1:8080/_omnifn/thumbnail?key=pictures/cat.jpg' -H 'content-type: image/jpeg' --data-binary @cat.jpg
ls /tmp/uploads/thumbnails
