/**
 * What scripts on one shard share. KEYS[1] is the shard's state, KEYS[2] a key that never exists: with both named, a server whose slot is on its way to
 * another refuses the script (TRYAGAIN) before it begins, so that none stops half-way. All other keys begin as these, in the same slot.
 *
 * ARGV[1]: version (u32; 2³²−1 for any) and filling (u32) as the caller knows them, number of shards and of this one (u32), then hash (u16) and bytes of a record
 * (u16) for each hash that is in use. Keys of a shard, behind its prefix: `g` state, `i`row item, `x`row data beside it, `b`name bucket, `d`hash directory
 * (table and key → records), `k` ids → rows, `f` free rows, `e` rows by their end, `c` scripts that wrote, `t`token what a call answered.
 *
 * What a script writes is one MULTI … EXEC of the server's log. Killed while it writes that, a server whose log is loaded though it is cut short keeps the
 * first commands of such a unit, appends to them, and does them when it is started the next time (Redis 7; valkey-io/valkey#4342 has mended it). So a script
 * first counts up \`c\`, and last puts the sum into the state: where the two differ, units were done that the state knows nothing of. It then answers 'torn', and
 * the shard is mended.
 *
 * Every script answers a status, the state, and what it is about.
 */
export const shardLibrary: string = `
local P = string.sub(KEYS[1], 1, -2)
local call, sub, pack, unpack = redis.call, string.sub, struct.pack, struct.unpack
local g = call('GET', KEYS[1])
if not g then return {'gone', '', ''} end
local version, filling, keysVersion, expiring, rows, size, changes, clearing, writes, units = unpack('<I4I4I4I4I4I4I4I4I8I4', g)
local wanted, wantedFilling, S, s, at = unpack('<I4I4I4I4', ARGV[1])
local width = {}
while at <= #ARGV[1] do
  local h, w
  h, w, at = unpack('<I2I2', ARGV[1], at)
  width[pack('<I2', h)] = w
end
local touched = {}
local counted = 0

-- Whether all is as the last script that wrote has left it.
local function begins()
  counted = call('INCRBY', P .. 'c', 1) % 4294967296
  if counted ~= (units + 1) % 4294967296 then return false end
  units = counted
  return true
end

local function save()
  g = pack('<I4I4I4I4I4I4I4I4I8I4', version, filling, keysVersion, expiring, rows, size, changes, clearing, writes, units)
  call('SET', KEYS[1], g)
end

local function seconds()
  local time = call('TIME')
  return tonumber(time[1]), tonumber(time[2])
end

local function touch(name, left)
  changes = (changes + 1) % 4294967296
  touched[#touched + 1] = name .. pack('<I4', left)
end

local function newKeys()
  keysVersion = (keysVersion + 1) % 4294967296
end

local function entryOf(item, name)
  local head = call('GETRANGE', item, 12, 15)
  if #head < 4 then return -1 end
  local from = unpack('<I4', head)
  local entries = call('GETRANGE', item, from, -1)
  for e = 0, #entries - 16, 16 do
    if sub(entries, e + 1, e + 12) == name then return from + e end
  end
  return -1
end

local function enter(name, body, row, ends)
  local n = call('HINCRBY', P .. 'd' .. sub(name, 1, 2), sub(name, 3), 1)
  call('SETRANGE', P .. 'b' .. name, (n - 1) * width[sub(name, 1, 2)], row .. body .. ends)
  if n == 1 then newKeys() end
  touch(name, n)
  return name .. pack('<I4', n - 1)
end

-- The last record of a bucket moves into the place; only a record of this very row is taken out.
local function release(name, place, row)
  local w = width[sub(name, 1, 2)]
  if not w then return end
  local directory, field, bucket = P .. 'd' .. sub(name, 1, 2), sub(name, 3), P .. 'b' .. name
  local n = tonumber(call('HGET', directory, field) or 0)
  if place >= n or call('GETRANGE', bucket, place * w, place * w + 3) ~= row then return end
  local last = n - 1
  if place < last then
    local moved = call('GETRANGE', bucket, last * w, last * w + w - 1)
    call('SETRANGE', bucket, place * w, moved)
    local item = P .. 'i' .. ((unpack('<I4', moved) - s) / S)
    local e = entryOf(item, name)
    if e >= 0 then call('SETRANGE', item, e + 12, pack('<I4', place)) end
  end
  if last == 0 then
    call('UNLINK', bucket)
    call('HDEL', directory, field)
    newKeys()
  else
    call('HSET', directory, field, last)
    if last > 16 and call('STRLEN', bucket) * 3 > last * w * 4 then
      call('SET', bucket, call('GETRANGE', bucket, 0, last * w - 1))
    else
      call('SETRANGE', bucket, last * w, '\\255\\255\\255\\255')
    end
  end
  touch(name, last)
end

local function releaseAll(entries, row)
  for e = 0, #entries - 16, 16 do
    release(sub(entries, e + 1, e + 12), unpack('<I4', entries, e + 13), row)
  end
end

local function removeRow(r)
  local item = P .. 'i' .. r
  local head = call('GETRANGE', item, 0, 27)
  if #head < 28 then return false end
  local ends, _, from, vectorBytes, _, idBytes, flags = unpack('<I4I8I4I4I4I2I2', head)
  local id = call('GETRANGE', item, 28 + vectorBytes, 27 + vectorBytes + idBytes)
  releaseAll(call('GETRANGE', item, from, -1), pack('<I4', r * S + s))
  call('UNLINK', item)
  if flags >= 2 then call('UNLINK', P .. 'x' .. r) end
  if ends > 0 then call('ZREM', P .. 'e', r) end
  call('HDEL', P .. 'k', id)
  call('RPUSH', P .. 'f', r)
  size = size - 1
  return true
end

local function hasEnded(r)
  if expiring == 0 then return false end
  local ends = unpack('<I4', call('GETRANGE', P .. 'i' .. r, 0, 3) .. '\\0\\0\\0\\0')
  return ends > 0 and ends <= (seconds())
end

local function sweep(most)
  if expiring == 0 then return 0 end
  local ended = call('ZRANGEBYSCORE', P .. 'e', '-inf', (seconds()), 'LIMIT', 0, most)
  for _, r in ipairs(ended) do
    if not removeRow(tonumber(r)) then call('ZREM', P .. 'e', r) end
  end
  return #ended
end

local function admitted()
  if clearing ~= 0 then return 'clearing' end
  if wanted == 4294967295 or wanted == version then return nil end
  if wanted < version then return 'stale' end
  version = wanted
  filling = wantedFilling
  return nil
end
`;

/** A call that was answered before is not done again; the key that says so is written anew, so that waiting for replicas waits for what was done then. */
export const onceOnly: string = `
local T = P .. 't' .. ARGV[2]
local done = call('GET', T)
if done then
  call('EXPIRE', T, 120)
  return {'done', g, done}
end
local refused = admitted()
if refused then return {refused, g, ''} end
local changesBefore = changes
`;

/**
 * Begins to write. A server without memory refuses commands that may need some, but only until a script has written anything: counting makes it refuse the
 * script as a whole, before it begins …
 */
export const needsMemory = `
if not begins() then return {'torn', g, ''} end
`;

/** … and this lets a script that removes things go through, which a full server needs most. */
export const givesMemory: string = `
call('DEL', KEYS[2])
${needsMemory}`;

/** Begins to mend, torn or not; by who knows all the hashes that are in use. */
export const mends = `
if clearing ~= 0 then return {'clearing', g, ''} end
if wanted < version then return {'stale', g, ''} end
call('DEL', KEYS[2])
begins()
`;

/** Ends a script that {@link onceOnly} began; \`answer\` is what it says when it is called again. */
export const answerOnce: string = `
save()
call('SET', T, answer, 'EX', 120)
return {'ok', g, answer .. pack('<I4', changesBefore) .. table.concat(touched)}
`;
