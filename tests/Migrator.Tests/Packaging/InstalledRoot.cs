using System.Globalization;
using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>A root of its own for package managers: what this machine has, with changes that are gone afterwards.</summary>
internal static class InstalledRoot
{
    // Layered over this machine's root in a mount namespace, which ends with the process. A file in memory, because an overlay does not lie
    // on another.
    private const string Script = """
        set -eu
        place=$1
        shift
        mount -t tmpfs tmpfs "$place"
        mkdir "$place/upper" "$place/work" "$place/root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
        mount --bind /dev "$place/root/dev"
        mount -t proc proc "$place/root/proc"
        mkdir "$place/root/packages"
        mount --bind "$1" "$place/root/packages"
        shift
        for step; do
            code=0
            output=$(chroot "$place/root" /bin/bash -c "cd /; $step" 2>&1 </dev/null) || code=$?
            printf '%s\0%s\0' "$code" "$output"
        done
        """;

    /// <summary>Runs each step by a shell in one root, in which <c>/packages</c> is the directory. Skips the test where the user may not
    /// mount.</summary>
    public static async Task<IReadOnlyList<(int Code, string Output)>> RunAsync(DirectoryInfo packages, params string[] steps)
    {
        var (allowed, _) = await Shell.RunAsync("unshare", "--mount", "--pid", "--fork", "true");
        Assert.SkipUnless(allowed == 0, "Only root can install into a root of its own.");
        var place = Directory.CreateTempSubdirectory("root");
        try
        {
            string[] script = ["bash", "-c", Script, "bash", place.FullName, packages.FullName];
            var (code, output) = await Shell.RunAsync("unshare", ["--mount", "--pid", "--fork", .. script, .. steps]);
            Assert.True(code == 0, output);
            return [.. output.Split('\0').SkipLast(1).Chunk(2).Select(step => (int.Parse(step[0], CultureInfo.InvariantCulture), step[1]))];
        }
        finally
        {
            place.Delete(recursive: true);
        }
    }
}
