"""Messages of ear.proto. The file itself is read by the program that starts this one, so that there is one reader of it."""

import base64

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "trunkline.ear.v1"
SERVICE = f"{PACKAGE}.Ear"


class Protocol:
    def __init__(self, descriptors):
        pool = descriptor_pool.DescriptorPool()
        for text in descriptors:
            file = descriptor_pb2.FileDescriptorProto.FromString(base64.b64decode(text))
            pool.Add(file)

        def message(name):
            return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}"))

        self.ListenRequest = message("ListenRequest")
        self.ListenEvent = message("ListenEvent")
        self.DescribeRequest = message("DescribeRequest")
        self.DescribeReply = message("DescribeReply")
