import { Server, status } from '@grpc/grpc-js';
import type { Metadata, ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { append, streamDeleted } from './append.ts';
import { batchAppend } from './batchAppend.ts';
import type { Cluster } from './cluster.ts';
import { notLeader, notReady, refusal } from './faults.ts';
import type { Refusal } from './faults.ts';
import { Front } from './front.ts';
import { viewOf } from './log.ts';
import type { View } from './log.ts';
import { expectedOf, nameOf } from './messages.ts';
import { read } from './read.ts';
import type { ReadCall } from './read.ts';
import { credentialsOf, refusedAccess } from './security.ts';
import type { Security } from './security.ts';
import { TRAITS } from './versions.ts';
import type { ServerVersion, Traits } from './versions.ts';

const HOST = '127.0.0.1';

export interface NodeOptions {
  /** 0: any free one. */
  port: number;
  version: ServerVersion;
  security?: Security;
}

/**
 * A node that implements the part of EventStoreDB's protocol that padron and its tests need, with the client package's own
 * definitions.
 */
export class StandIn {
  readonly cluster: Cluster;
  readonly version: ServerVersion;
  readonly traits: Traits;
  readonly front: Front;
  /** For each subscription, a function by which the server drops it. */
  readonly subscribers = new Set<(how: 'slow' | 'end') => void>();
  state: 'up' | 'paused' | 'down' = 'up';
  /** How many entries of the log the node has. */
  copied = 0;
  /** Whether it was the leader when it was lost. */
  wasLeader = false;
  /** Whether it still considers itself the leader, but no longer is: it answers from its old log. */
  isStale = false;
  readonly #security: Security | undefined;
  readonly #listeners = new Set<() => void>();
  #shown = 0;

  private constructor(cluster: Cluster, front: Front, { version, security }: NodeOptions) {
    this.cluster = cluster;
    this.front = front;
    this.version = version;
    this.traits = TRAITS[version];
    this.#security = security;
    this.copied = this.#shown = cluster.log.entries.length;
  }

  /** Starts a node and adds it to the cluster; the first one becomes the leader. */
  static async start(cluster: Cluster, options: NodeOptions): Promise<StandIn> {
    const server = new Server({ 'grpc.max_receive_message_length': 32 * 1024 * 1024 });
    const back = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`${HOST}:0`, credentialsOf(options.security), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    const front = new Front(back);
    await front.open(options.port);
    const standIn = new StandIn(cluster, front, options);
    standIn.#serve(server);
    cluster.nodes.push(standIn);
    cluster.leader ??= standIn;
    return standIn;
  }

  get host(): string {
    return HOST;
  }

  get port(): number {
    return this.front.port;
  }

  /** What reads and subscriptions see. */
  view(): View {
    return viewOf(this.cluster.log, this.#shown);
  }

  /** From now on shows the first `count` entries. */
  show(count: number): void {
    if (count <= this.#shown) return;
    this.#shown = count;
    for (const listener of this.#listeners) listener();
  }

  /** Brings the node up with exactly the first `count` entries. */
  async rejoin(count: number): Promise<void> {
    this.copied = this.#shown = count;
    this.state = 'up';
    this.wasLeader = this.isStale = false;
    this.front.release();
    await this.front.open();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dropSubscribers(how: 'slow' | 'end'): void {
    for (const drop of this.subscribers) drop(how);
  }

  /** Counts and delays the call, then passes on the refusal for it, or null. */
  admit(method: string, metadata: Metadata, handle: (refusal: Refusal | null) => void): void {
    const { faults } = this.cluster;
    const requiresLeader = metadata.get('requires-leader').includes('true');
    if (requiresLeader) faults.count(`${method} for the leader`);
    faults.admit(method, (refused) => {
      handle(
        refused ?? refusedAccess(this.#security, method, metadata) ?? this.#refusal(method, requiresLeader),
      );
    });
  }

  /** A follower forwards appends and answers reads from its own log, unless the leader is required. */
  #refusal(method: string, requiresLeader: boolean): Refusal | null {
    const { leader } = this.cluster;
    if (leader === this || this.isStale) return null;
    if (!requiresLeader && (leader || !method.toLowerCase().includes('append'))) return null;
    return leader ? notLeader(leader) : notReady();
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
        this.cluster.faults.admit('features', (refused) => {
          if (refused) answer(refused);
          else answer(null, supportedMethods(this.version));
        });
      },
    });
    server.addService(gossipService.GossipService, {
      read: (
        _call: ServerUnaryCall<shared.Empty, gossip.ClusterInfo>,
        answer: sendUnaryData<gossip.ClusterInfo>,
      ) => {
        answer(null, this.#gossip());
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
    const { cluster } = this;
    const outcome = cluster.log.delete(name, expectedOf(options, options.getRevision()), tombstone);
    cluster.written();
    if (outcome.kind === 'written') answer(null, done);
    else if (outcome.kind === 'deleted') answer(streamDeleted(name));
    else answer(refusal(status.FAILED_PRECONDITION, outcome.kind));
  }

  /** During an election, no node is in a state in which a client would connect to it. */
  #gossip(): gossip.ClusterInfo {
    const { leader, unnoticed, nodes } = this.cluster;
    const { LEADER, FOLLOWER, UNKNOWN } = gossip.MemberInfo.VNodeState;
    const members = nodes.map((node) => {
      const endpoint = new gossip.EndPoint();
      endpoint.setAddress(node.host);
      endpoint.setPort(node.port);
      const member = new gossip.MemberInfo();
      const isLeader = node === (leader ?? unnoticed);
      member.setState(isLeader ? LEADER : leader ? FOLLOWER : UNKNOWN);
      member.setIsAlive(node.state === 'up' || node === unnoticed);
      member.setTimeStamp('0');
      member.setHttpEndPoint(endpoint);
      return member;
    });
    return new gossip.ClusterInfo().setMembersList(members);
  }
}

/** Names in lower case, as the server sends them. */
function supportedMethods(version: ServerVersion): features.SupportedMethods {
  const methods = ['append', 'batchappend', 'read', 'delete', 'tombstone'].map((name) => {
    const method = new features.SupportedMethod();
    method.setMethodName(name);
    method.setServiceName('event_store.client.streams.streams');
    return method;
  });
  const supported = new features.SupportedMethods();
  supported.setMethodsList(methods);
  supported.setEventStoreServerVersion(version);
  return supported;
}
