import { givesMemory, needsMemory, shardLibrary } from "./shard.js";

/** Brings a shard to a version of the knowledge. Answers its state. */
export const raiseShard: string = `${shardLibrary}${needsMemory}
if wanted ~= 4294967295 and wanted > version then
  version = wanted
  filling = wantedFilling
end
save()
return {'ok', g, ''}`;

/** Makes a shard's state where it has none: ARGV[1] is the state. */
export const makeShard: string = `redis.call('SETNX', KEYS[1], ARGV[1])
return {'ok', redis.call('GET', KEYS[1]), ''}`;

/** How many items there are (u32) that have not ended. */
export const countItems: string = `${shardLibrary}
local ended = 0
if expiring ~= 0 then ended = call('ZCOUNT', P .. 'e', '-inf', (seconds())) end
return {'ok', g, pack('<I4', clearing ~= 0 and 0 or size - ended)}`;

/** The directory of the hash in ARGV[2] (u16): table (u16), key (two u32) and records (u32) of each bucket. */
export const readDirectory: string = `${shardLibrary}
local all = call('HGETALL', P .. 'd' .. ARGV[2])
local out = {}
for i = 1, #all, 2 do out[#out + 1] = all[i] .. pack('<I4', tonumber(all[i + 1])) end
return {'ok', g, table.concat(out)}`;

/** Removes some thousand buckets of the hash in ARGV[2] (u16). Answers how many are left (u32). */
export const clearHash: string = `${shardLibrary}${givesMemory}
local directory = P .. 'd' .. ARGV[2]
local some = call('HSCAN', directory, 0, 'COUNT', 1000)[2]
for i = 1, #some, 2 do
  call('UNLINK', P .. 'b' .. ARGV[2] .. some[i])
  call('HDEL', directory, some[i])
end
newKeys()
changes = (changes + 1) % 4294967296
save()
return {'ok', g, pack('<I4', call('HLEN', directory))}`;

/**
 * Removes everything of a shard, some thousand keys a call; while it is at it nothing else is done. ARGV[2]: 1 begins (u32), 0 only goes on; then how many
 * numbers hashes have had (u32). Answers 0 when all is gone (u32).
 */
export const clearShard: string = `${shardLibrary}
local first, hashes = unpack('<I4I4', ARGV[2])
if clearing == 0 and first == 0 then return {'ok', g, pack('<I4', 0)} end
call('DEL', KEYS[2])
begins()
clearing = 1
local left = 4000
while rows > 0 and left > 0 do
  rows = rows - 1
  left = left - 1
  call('UNLINK', P .. 'i' .. rows, P .. 'x' .. rows)
end
for h = 0, hashes - 1 do
  local own = pack('<I2', h)
  local directory = P .. 'd' .. own
  while left > 0 and call('HLEN', directory) > 0 do
    local some = call('HSCAN', directory, 0, 'COUNT', 1000)[2]
    for i = 1, #some, 2 do
      call('UNLINK', P .. 'b' .. own .. some[i])
      call('HDEL', directory, some[i])
      left = left - 1
    end
  end
end
if left > 0 then
  call('UNLINK', P .. 'k', P .. 'f', P .. 'e')
  size = 0
  expiring = 0
  clearing = 0
  units = counted
  if wanted ~= 4294967295 and wanted > version then
    version = wanted
    filling = wantedFilling
  end
end
newKeys()
changes = (changes + 1) % 4294967296
save()
return {'ok', g, pack('<I4', clearing)}`;

/** Removes up to 500 items that have ended. Answers how many (u32). */
export const sweepShard: string = `${shardLibrary}
if clearing ~= 0 then return {'clearing', g, ''} end
${givesMemory}local gone = sweep(500)
save()
return {'ok', g, pack('<I4', gone)}`;

/** Makes a bucket as short as its records: ARGV[2] is its name. */
export const shortenBucket: string = `${shardLibrary}
local name = ARGV[2]
local w = width[sub(name, 1, 2)]
local n = tonumber(call('HGET', P .. 'd' .. sub(name, 1, 2), sub(name, 3)) or 0)
local bucket = P .. 'b' .. name
local before = call('STRLEN', bucket)
if w and n > 0 and before > n * w then call('SET', bucket, call('GETRANGE', bucket, 0, n * w - 1)) end
return {'ok', g, pack('<I4', before - call('STRLEN', bucket))}`;

/** Makes the next free id at least ARGV[1]. */
export const raiseNextId: string = `if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1`;
