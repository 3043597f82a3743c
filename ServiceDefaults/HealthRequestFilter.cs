using System.Diagnostics;
using CloudStore.ServiceDefaults.Health;
using OpenTelemetry;

namespace CloudStore.ServiceDefaults;

/// <summary>Keeps the traces of health probes, which come every few seconds and say nothing, from being exported.</summary>
internal sealed class HealthRequestFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("url.path") is HealthEndpoints.HealthPath or HealthEndpoints.AlivePath)
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
