using Azure.Core;
using Azure.Core.Pipeline;
using Migrator.Core.Blobs;

namespace Migrator.Storage.Blobs.Azure;

/// <summary>Counts requests as Azure charges for them: each that is sent.</summary>
internal sealed class CountingPolicy : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Delete)
            RequestCount.Deleted();
        else if (message.Request.Method == RequestMethod.Put)
            RequestCount.Written();
        else if (message.Request.Uri.Query.Contains("comp=list", StringComparison.Ordinal))
            RequestCount.Listed();
        else
            RequestCount.Read();
    }
}
