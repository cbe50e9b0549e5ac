using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Migrator.Tests.Packaging;

/// <summary>A registry on loopback with one image, as much of it as is needed to build on: an empty layer, and the user that Microsoft's
/// images have.</summary>
internal sealed class BaseImageRegistry : IAsyncDisposable
{
    private const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";

    private readonly WebApplication _application;
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly byte[] _manifest;

    private BaseImageRegistry(WebApplication application)
    {
        _application = application;
        var (layer, compressed) = EmptyLayer();
        var configuration = Encoding.UTF8.GetBytes(
            $$"""
            {"architecture":"amd64","os":"linux","config":{"User":"1654","WorkingDir":"/"},
             "rootfs":{"type":"layers","diff_ids":["{{Digest(layer)}}"]},"history":[{"created_by":"base"}]}
            """
        );
        _blobs[Digest(compressed)] = compressed;
        _blobs[Digest(configuration)] = configuration;
        _manifest = Encoding.UTF8.GetBytes(
            $$"""
            {"schemaVersion":2,"mediaType":"{{ManifestType}}",
             "config":{"mediaType":"application/vnd.docker.container.image.v1+json","size":{{configuration.Length}},"digest":"{{Digest(
                configuration
            )}}"},
             "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","size":{{compressed.Length}},"digest":"{{Digest(
                compressed
            )}}"}]}
            """
        );
    }

    /// <summary>Such as <c>localhost:5000/base:1</c>.</summary>
    public string Image => $"localhost:{new Uri(_application.Urls.Single()).Port}/base:1";

    public static async Task<BaseImageRegistry> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        var registry = new BaseImageRegistry(builder.Build());
        registry._application.MapGet("/v2/", () => Results.Ok());
        registry._application.MapGet("/v2/base/manifests/{reference}", registry.Manifest);
        registry._application.MapGet(
            "/v2/base/blobs/{digest}",
            (string digest) => registry._blobs.TryGetValue(digest, out var blob) ? Results.Bytes(blob) : Results.NotFound()
        );
        await registry._application.StartAsync();
        return registry;
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private IResult Manifest(HttpResponse response)
    {
        response.Headers["Docker-Content-Digest"] = Digest(_manifest);
        return Results.Bytes(_manifest, ManifestType);
    }

    private static (byte[] Plain, byte[] Compressed) EmptyLayer()
    {
        using var plain = new MemoryStream();
        using (var tar = new TarWriter(plain, leaveOpen: true))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "tmp/"));
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(plain.ToArray());
        return (plain.ToArray(), compressed.ToArray());
    }

    private static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
}
