using Microsoft.AspNetCore.Http;

namespace CloudStore.Storage.Access;

/// <summary>Holds up those who are refused again and again; registered by a service that wants it.</summary>
public interface IRefusalLimit
{
    /// <summary>Counts a request that has no valid key.</summary>
    /// <returns>How long the client is to wait, where it is over its limit.</returns>
    TimeSpan? Count(HttpContext http);

    /// <summary>How long a client has to wait whose earlier requests were refused too often; null where it has not. Asked for each request: must be quick.</summary>
    TimeSpan? WaitOf(HttpContext http);
}
