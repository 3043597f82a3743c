-- GET of one path after the other. KEY and PATHS (a file, one path a line) come from the environment.
local headers = { ["Authorization"] = "Bearer " .. os.getenv("KEY") }
local requests, at = {}, 0
for path in io.lines(os.getenv("PATHS")) do requests[#requests + 1] = path end
function init()
  for i, path in ipairs(requests) do requests[i] = wrk.format("GET", path, headers) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
