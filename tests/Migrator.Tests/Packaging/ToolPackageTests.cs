using Migrator.Tests.Worker;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>The .NET tool that <c>./build.sh tool</c> makes.</summary>
[Collection("SDK")]
public sealed class ToolPackageTests : IDisposable
{
    private readonly DirectoryInfo _packages = Directory.CreateTempSubdirectory("tool");

    [Fact]
    public async Task The_tool_installs_from_a_folder_and_works_but_for_the_service()
    {
        await Shell.BuildAsync(_packages, "tool");
        var place = _packages.CreateSubdirectory("installed").FullName;
        var tool = Path.Combine(place, "migrator");
        var state = Path.Combine(place, "state");

        // Not in the repository, whose nuget.config knows one source only. --source instead of --add-source: no other is asked.
        var install = $"cd '{place}' && dotnet tool install Migrator.Cli --source '{_packages.FullName}' --tool-path .";
        var (installed, said) = await Shell.RunAsync("bash", "-c", install);
        Assert.True(installed == 0, said);

        Assert.Equal(await Shell.RunAsync(MigratorProgram.Published!, "--version"), await Shell.RunAsync(tool, "--version"));
        // Opens a database, which takes the native library for this machine.
        var (code, output) = await Shell.RunAsync(tool, "status", "--state", state);
        Assert.True(code == 0, output);
        Assert.NotEmpty(Directory.GetFiles(state, "*.db"));
        (code, output) = await Shell.RunAsync(tool, "serve", "--state", state);
        Assert.Equal(2, code);
        Assert.Contains("The .NET tool and the single file contain the command line only. Install the Debian package", output);
        Assert.NotEmpty(Directory.GetFiles(place, "THIRD-PARTY-NOTICES.txt", SearchOption.AllDirectories));
    }

    public void Dispose() => _packages.Delete(recursive: true);
}
