// Each writes with one command: a server that is killed may do half of a script that writes with more (see shard.ts).

/** Creates the index with a schema (ARGV[1]), shards (ARGV[2]) and hashes (ARGV[3]), unless there is one. Answers the schema and shards that are there. */
export const createIndex: string = `if redis.call('HEXISTS', KEYS[1], 'schema') == 0 then
  redis.call('HSET', KEYS[1], 'format', '2', 'schema', ARGV[1], 'shards', ARGV[2], 'hashes', ARGV[3], 'version', '1')
end
return redis.call('HMGET', KEYS[1], 'format', 'schema', 'shards', 'hashes', 'version', 'ready')`;

/** Keeps knowledge (ARGV[2]; empty to forget it) where the version is still ARGV[1], or that is empty. Answers the version, 0 where it is another. */
export const keepKnowledge: string = `if ARGV[1] ~= '' and redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] then return 0 end
local version = redis.call('HGET', KEYS[1], 'version') + 1
if ARGV[2] == '' then
  redis.call('HSET', KEYS[1], 'version', version, 'knowledge', '', 'filling', '')
else
  redis.call('HSET', KEYS[1], 'version', version, 'knowledge', ARGV[2])
end
return version`;

/** Renews the lease of ARGV[1] for ARGV[2] milliseconds. Answers 1, or 0 where it is not its own any more. */
export const renewLease: string = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** Gives back the lease of ARGV[1]. */
export const releaseLease: string = `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/** Begins to fill a hash (ARGV[2]) under the lease (KEYS[2]) of ARGV[1]. Answers its number and the version; 0 without the lease. What somebody else left is given up. */
export const beginFilling: string = `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0, 0} end
local known = redis.call('HMGET', KEYS[1], 'hashes', 'version')
local number, version = tonumber(known[1]), known[2] + 1
redis.call('HSET', KEYS[1], 'hashes', number + 1, 'version', version, 'filling', struct.pack('<I4', number) .. ARGV[2])
return {number, version}`;

/** Puts what was filled under number ARGV[2] in use, with this knowledge (ARGV[3]); or gives it up where that is empty. Answers the version; 0 without the lease. */
export const endFilling: string = `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
local known = redis.call('HMGET', KEYS[1], 'filling', 'version', 'knowledge')
if not known[1] or known[1] == '' or struct.unpack('<I4', known[1]) ~= tonumber(ARGV[2]) then return 0 end
local version = known[2] + 1
redis.call('HSET', KEYS[1], 'version', version, 'filling', '', 'knowledge', ARGV[3] ~= '' and ARGV[3] or known[3] or '')
return version`;
