package main

import (
	"context"

	"mosn.io/api"
	"mosn.io/mosn/pkg/protocol/xprotocol/bolt"
	"mosn.io/mosn/pkg/protocol/xprotocol/boltv2"
	"mosn.io/pkg/buffer"
)

// boltv2Codec is MOSN's, with a go-away. In v1.3.0 only version 1 has one: a listener of version 2 sends none, and takes
// a provider's for a request.
type boltv2Codec struct{ boltv2.XCodec }

func (codec *boltv2Codec) NewXProtocol(ctx context.Context) api.XProtocol {
	return boltv2Protocol{codec.XCodec.NewXProtocol(ctx)}
}

type boltv2Protocol struct{ api.XProtocol }

// GoAway is the frame by which a caller is asked to open no more calls here.
func (boltv2Protocol) GoAway(context.Context) api.XFrame {
	return &boltv2.Request{RequestHeader: boltv2.RequestHeader{
		Version1: boltv2.ProtocolVersion1,
		RequestHeader: bolt.RequestHeader{
			Protocol: boltv2.ProtocolCode,
			CmdType:  bolt.CmdTypeRequest,
			CmdCode:  bolt.CmdCodeGoAway,
			Version:  boltv2.ProtocolVersion,
			Codec:    bolt.Hessian2Serialize,
		},
	}}
}

func (protocol boltv2Protocol) Decode(ctx context.Context, data buffer.IoBuffer) (interface{}, error) {
	frame, err := protocol.XProtocol.Decode(ctx, data)
	if request, is := frame.(*boltv2.Request); is && request.CmdCode == bolt.CmdCodeGoAway {
		return goAway{request}, err
	}
	return frame, err
}

type goAway struct{ *boltv2.Request }

func (goAway) IsGoAwayFrame() bool { return true }
