using System.Diagnostics;
using System.Text.Json;
using Migrator.Tests.Telemetry;
using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>What is published says what it is made of.</summary>
[Collection("SDK")]
public sealed class PublishedTests : IDisposable
{
    private const string Service = "src/Migrator.Service";

    private readonly DirectoryInfo _published = Directory.CreateTempSubdirectory("published");

    private static string Repository => Docs.Path("..");

    [Fact]
    public async Task The_published_programs_bring_notices_and_a_bill_of_all_packages_in_them()
    {
        var published = await PublishedAsync();
        Task<string> ReadAsync(string file) => File.ReadAllTextAsync(Path.Combine(published, file));

        using var bill = JsonDocument.Parse(await ReadAsync("sbom.cdx.json"));
        Assert.Equal("CycloneDX", bill.RootElement.GetProperty("bomFormat").GetString());
        var components = bill.RootElement.GetProperty("components").EnumerateArray().ToList();
        Assert.Equal(Locked(), components.Select(Name).Order(StringComparer.Ordinal));
        var required = components.Where(component => component.GetProperty("scope").GetString() == "required").Select(Name).ToHashSet();
        Assert.DoesNotContain(required, name => name.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));

        using var parts = JsonDocument.Parse(await ReadAsync("migrator-service.deps.json"));
        var packages = parts
            .RootElement.GetProperty("libraries")
            .EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name.Replace('/', ' '))
            .ToList();
        Assert.NotEmpty(packages);
        Assert.Subset(required, packages.ToHashSet());

        var notices = (await ReadAsync("THIRD-PARTY-NOTICES.txt")).Split('\n');
        Assert.All(required, name => Assert.Contains(name, notices));
        Assert.Contains(notices, line => line.StartsWith("Permission is hereby granted, free of charge", StringComparison.Ordinal));
        Assert.Contains(notices, line => line.Contains("Apache License", StringComparison.Ordinal));
        // The package of the page's script, which the SDK brings in by itself.
        Assert.Contains(notices, line => line.StartsWith("Microsoft.AspNetCore.App.Internal.Assets ", StringComparison.Ordinal));
        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Repository, "LICENSE"), TestContext.Current.CancellationToken),
            await ReadAsync("LICENSE")
        );
    }

    [Fact]
    public void Every_project_has_its_packages_recorded_by_their_content()
    {
        var projects = Directory
            .GetFiles(Repository, "*.csproj", SearchOption.AllDirectories)
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal))
            .ToList();
        Assert.True(projects.Count >= 6);
        foreach (var project in projects)
        {
            using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")));
            var packages = locked
                .RootElement.GetProperty("dependencies")
                .EnumerateObject()
                .SelectMany(target => target.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .ToList();
            Assert.NotEmpty(packages);
            Assert.All(packages, package => Assert.NotEmpty(package.Value.GetProperty("contentHash").GetString()!));
        }
    }

    public void Dispose() => _published.Delete(recursive: true);

    private static IEnumerable<string> Locked()
    {
        using var locked = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository, Service, "packages.lock.json")));
        return
        [
            .. locked
                .RootElement.GetProperty("dependencies")
                .EnumerateObject()
                .SelectMany(target => target.Value.EnumerateObject())
                .Where(package => package.Value.GetProperty("type").GetString() != "Project")
                .Select(package => $"{package.Name} {package.Value.GetProperty("resolved").GetString()}")
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Name(JsonElement component) =>
        $"{component.GetProperty("name").GetString()} {component.GetProperty("version").GetString()}";

    private static async Task<(int Code, string Said)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = Repository,
            }
        )!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = await process.StandardOutput.ReadToEndAsync() + await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    private async Task<string> PublishedAsync()
    {
        if (MigratorProgram.Published is { } program)
            return Path.GetDirectoryName(program)!;
        // Without native code, which takes long and is of no matter here.
        var (code, said) = await RunAsync(
            "dotnet",
            "publish",
            Service,
            "-c",
            "Release",
            "-o",
            _published.FullName,
            "--nologo",
            "--disable-build-servers",
            "-p:PublishReadyToRun=false",
            "-p:NativeCommandLine=false"
        );
        Assert.True(code == 0, said);
        return _published.FullName;
    }
}
