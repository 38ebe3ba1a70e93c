import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { append, streamDeleted } from './append.ts';
import { batchAppend } from './batchAppend.ts';
import { Faults, refusal } from './faults.ts';
import { Front } from './front.ts';
import { Log } from './log.ts';
import { expectedOf, nameOf } from './messages.ts';
import { read } from './read.ts';
import type { ReadCall } from './read.ts';

const HOST = '127.0.0.1';

/** Speaks EventStoreDB's protocol as far as padron and its tests need it, on the client package's own definitions. */
export class StandIn {
  log = new Log();
  faults: Faults;
  /** One function for each subscription, which makes the server leave it. */
  readonly subscribers = new Set<(how: 'slow' | 'end') => void>();
  readonly front: Front;

  private constructor(front: Front) {
    this.front = front;
    this.faults = this.#noFaults();
  }

  /** `port` 0: any that is free. */
  static async start(port: number): Promise<StandIn> {
    const server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
    const back = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${HOST}:0`, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    const front = new Front(back);
    await front.open(port);
    const standIn = new StandIn(front);
    standIn.#serve(server);
    return standIn;
  }

  /** Forgets every event and every fault, as a fresh server would stand there. */
  reset(): void {
    for (const drop of this.subscribers) drop('end');
    this.log = new Log();
    this.faults = this.#noFaults();
  }

  #noFaults(): Faults {
    return new Faults({ host: HOST, port: this.front.port }, () => {
      this.front.drop();
    });
  }

  #serve(server: Server): void {
    server.addService(streamsService.StreamsService, {
      append: (
        call: ServerReadableStream<streams.AppendReq, streams.AppendResp>,
        answer: sendUnaryData<streams.AppendResp>,
      ) => {
        append(this, call, answer);
      },
      batchAppend: (call: Parameters<typeof batchAppend>[1]) => {
        batchAppend(this, call);
      },
      read: (call: ReadCall) => {
        read(this, call);
      },
      delete: (
        call: ServerUnaryCall<streams.DeleteReq, streams.DeleteResp>,
        answer: sendUnaryData<streams.DeleteResp>,
      ) => {
        this.#delete(call.request.getOptions(), false, new streams.DeleteResp(), answer);
      },
      tombstone: (
        call: ServerUnaryCall<streams.TombstoneReq, streams.TombstoneResp>,
        answer: sendUnaryData<streams.TombstoneResp>,
      ) => {
        this.#delete(call.request.getOptions(), true, new streams.TombstoneResp(), answer);
      },
    });
    server.addService(featuresService.ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: sendUnaryData<features.SupportedMethods>) => {
        this.faults.admit('features', (refused) => {
          if (refused) answer(refused);
          else answer(null, supportedMethods());
        });
      },
    });
    server.addService(gossipService.GossipService, {
      read: (
        _call: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>,
        answer: sendUnaryData<gossip.ClusterInfo>,
      ) => {
        answer(null, this.#cluster());
      },
    });
  }

  #delete<R>(
    options: streams.DeleteReq.Options | streams.TombstoneReq.Options | undefined,
    tombstone: boolean,
    done: R,
    answer: sendUnaryData<R>,
  ): void {
    if (!options) return;
    const name = nameOf(options.getStreamIdentifier());
    const outcome = this.log.delete(name, expectedOf(options, options.getRevision()), tombstone);
    if (outcome.kind === 'written') answer(null, done);
    else if (outcome.kind === 'deleted') answer(streamDeleted(name));
    else answer(refusal(status.FAILED_PRECONDITION, outcome.kind));
  }

  #cluster(): gossip.ClusterInfo {
    const member = new gossip.MemberInfo();
    member.setState(gossip.MemberInfo.VNodeState.LEADER);
    member.setIsAlive(true);
    member.setTimeStamp('0');
    const endpoint = new gossip.EndPoint();
    endpoint.setAddress(HOST);
    endpoint.setPort(this.front.port);
    member.setHttpEndPoint(endpoint);
    return new gossip.ClusterInfo().setMembersList([member]);
  }
}

/** Lower-case names, as the server gives them. */
function supportedMethods(): features.SupportedMethods {
  const methods = ['append', 'batchappend', 'read', 'delete', 'tombstone'].map((name) => {
    const method = new features.SupportedMethod();
    method.setMethodName(name);
    method.setServiceName('event_store.client.streams.streams');
    return method;
  });
  const supported = new features.SupportedMethods();
  supported.setMethodsList(methods);
  supported.setEventStoreServerVersion('23.10.8');
  return supported;
}
