package tollgate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tollgate.internal/client/billingpb"
)

// Error is a call that did not succeed.
type Error struct {
	Code codes.Code
	// Reason is such as INSUFFICIENT_CREDITS. Where no server answered (a lost connection, a
	// deadline), it is the name of the status, such as UNAVAILABLE. Where the store is full as
	// well, it is STORE_FULL.
	Reason  string
	Message string
	// Metadata is what tollgate says about the reason.
	Metadata map[string]string
	// FieldViolations are the fields of the request that were refused.
	FieldViolations []FieldViolation
	// RetryAfter is when trying again may succeed; 0 = unknown.
	RetryAfter time.Duration

	// Whether tollgate itself sent it. tollgate gives every error its details; one without them comes
	// from the transport, or from something between here and tollgate.
	hasDetails bool
	cause      error
}

// FieldViolation is a field that was refused, and why.
type FieldViolation struct {
	Field       string
	Description string
}

// ErrClosed is the answer to calls of a client that is closed.
var ErrClosed = errors.New("tollgate: the client is closed")

const reasonStoreFull = "STORE_FULL"

func (e *Error) Error() string { return fmt.Sprintf("tollgate: %s: %s", e.Reason, e.Message) }

func (e *Error) Unwrap() error { return e.cause }

// GRPCStatus lets status.Code and status.FromError read it.
func (e *Error) GRPCStatus() *status.Status { return status.New(e.Code, e.Message) }

// IsUndecided says whether a call that names a key may have been done, or may be done when it is
// sent again: nobody answered, the connection broke, the token is not known yet, or the server is
// overloaded. Its request must be kept and sent again later under the same key. With a store,
// [Client.Charge] does so itself.
func IsUndecided(err error) bool {
	var failure *Error
	if !errors.As(err, &failure) {
		return false
	}
	if mayBeRetried(failure) {
		return true
	}
	switch failure.Code {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Aborted, codes.Internal, codes.Unknown, codes.Canceled:
		return true
	case codes.Unauthenticated, codes.PermissionDenied:
		// Refused for its token, before tollgate read the call.
		return true
	case codes.Unimplemented:
		// gRPC makes this of a proxy's 404. tollgate's own has details.
		return !failure.hasDetails
	}
	return false
}

// mayBeRetried says whether the same call may succeed soon. A limit, a refusal or a mistake does
// not.
func mayBeRetried(err error) bool {
	var failure *Error
	if errors.Is(err, ErrClosed) || !errors.As(err, &failure) {
		return false
	}
	switch failure.Code {
	case codes.Unavailable, codes.DeadlineExceeded:
		return true
	case codes.Internal, codes.Canceled, codes.Unknown, codes.ResourceExhausted:
		// What gRPC makes of a connection that breaks under a call, or of a stream that is reset.
		if !failure.hasDetails {
			return true
		}
	}
	return failure.Reason == "CONCURRENT_MODIFICATION" || failure.Reason == "OVERLOADED"
}

func errorOf(err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) || errors.Is(err, ErrClosed) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return newError(codes.DeadlineExceeded, "no answer in time; what was asked for may still happen")
	}
	if errors.Is(err, context.Canceled) {
		return newError(codes.Canceled, "the context was cancelled")
	}
	answered := status.Convert(err)
	failure := newError(answered.Code(), answered.Message())
	failure.cause = err
	for _, detail := range answered.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			failure.Reason, failure.Metadata, failure.hasDetails = detail.Reason, detail.Metadata, true
		case *errdetails.RetryInfo:
			failure.RetryAfter = detail.RetryDelay.AsDuration()
		case *errdetails.BadRequest:
			for _, violation := range detail.FieldViolations {
				refused := FieldViolation{violation.Field, violation.Description}
				failure.FieldViolations = append(failure.FieldViolations, refused)
			}
		}
	}
	return failure
}

// errorOfItem is the error that one request of a batch would have got alone.
func errorOfItem(item *billingpb.ChargeUsageError) *Error {
	return &Error{
		Code: codes.Code(item.Code), Reason: item.Reason, Message: item.Message, Metadata: item.Metadata, hasDetails: true,
	}
}

func newError(code codes.Code, message string) *Error {
	return &Error{Code: code, Reason: nameOf(code), Message: message}
}

func reasonOf(err error) string {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Reason
	}
	return ""
}

// nameOf is a code's name in the specification of gRPC.
func nameOf(code codes.Code) string {
	names := [...]string{
		"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
		"PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
		"INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
	}
	if int(code) < len(names) {
		return names[code]
	}
	return code.String()
}
