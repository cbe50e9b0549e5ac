using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>The container image that <c>./build.sh image</c> makes, on a base image of the test's own.</summary>
[Collection("SDK")]
public sealed class ImageTests : IDisposable
{
    private readonly DirectoryInfo _packages = Directory.CreateTempSubdirectory("image");

    [Fact]
    public async Task The_image_starts_a_program_that_it_has_and_not_as_root()
    {
        await using var registry = await BaseImageRegistry.StartAsync();
        await Shell.BuildAsync(_packages, "image", ("ContainerBaseImage", registry.Image));
        var parts = Entries(Assert.Single(_packages.GetFiles("*-image-linux-x64.tar.gz")).OpenRead())
            .ToDictionary(entry => entry.Name, entry => entry.Content);

        using var manifest = JsonDocument.Parse(parts["manifest.json"]);
        var image = manifest.RootElement[0];
        using var configuration = JsonDocument.Parse(parts[image.GetProperty("Config").GetString()!]);
        var config = configuration.RootElement.GetProperty("config");
        var program = Assert.Single(config.GetProperty("Entrypoint").EnumerateArray()).GetString()!;
        Assert.Equal("1654", config.GetProperty("User").GetString());

        var layers = image.GetProperty("Layers").EnumerateArray().Select(layer => layer.GetString()!).ToList();
        var files = layers
            .SelectMany(layer => Entries(new MemoryStream(parts[layer])))
            .GroupBy(entry => $"/{entry.Name.Trim('.', '/')}")
            .ToDictionary(entries => entries.Key, entries => entries.Last().Mode);
        foreach (var started in new[] { program, "/app/migrator-service" })
            Assert.True(files[started].HasFlag(UnixFileMode.OtherExecute), started);
        Assert.All(
            ["sbom.cdx.json", "THIRD-PARTY-NOTICES.txt", "LICENSE", "appsettings/appsettings.json"],
            file => Assert.Contains($"/app/{file}", files.Keys)
        );
    }

    public void Dispose() => _packages.Delete(recursive: true);

    private static IEnumerable<(string Name, UnixFileMode Mode, byte[] Content)> Entries(Stream archive)
    {
        using var plain = archive.ReadByte() == 0x1f ? new GZipStream(Rewound(archive), CompressionMode.Decompress) : Rewound(archive);
        using var reader = new TarReader(plain);
        while (reader.GetNextEntry() is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            yield return (entry.Name, entry.Mode, content.ToArray());
        }
    }

    private static Stream Rewound(Stream stream)
    {
        stream.Position = 0;
        return stream;
    }
}
