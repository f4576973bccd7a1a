module example.com/gateway

go 1.26.0

require (
	google.golang.org/protobuf v1.36.12
	tollgate.internal/client v0.1.0
)

require (
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20261110000943-09e21b237f2c // indirect
	google.golang.org/grpc v1.85.0 // indirect
)

// Until the module is published it comes from the repository.
replace tollgate.internal/client => ../../clients/go
