using Xunit;

namespace Migrator.Tests.Packaging;

/// <summary>What <c>./build.sh deb</c> makes, as dpkg installs, upgrades, removes and purges it.</summary>
public sealed class DebianPackageTests : IDisposable
{
    private readonly DirectoryInfo _packages = Directory.CreateTempSubdirectory("deb");

    [Fact]
    public async Task Dpkg_installs_the_package_and_removes_it_without_a_trace_of_the_program()
    {
        await Shell.BuildAsync(_packages, "deb");
        var package = Assert.Single(_packages.GetFiles("*.deb")).FullName;
        var (described, about) = await Shell.RunAsync("dpkg-deb", "--info", package);
        Assert.Equal(0, described);
        Assert.Matches(@"Package: migrator\n Version: \d+\.\d+\.\d+\n Architecture: amd64", about);
        Assert.Matches(@"\n Maintainer: [^@<>]+ <[^@<>]+@[^@<>]+>\n", about);
        Assert.Contains("/etc/migrator/appsettings.json", (await Shell.RunAsync("dpkg-deb", "--info", package, "conffiles")).Output);
        Assert.Contains("root/root", (await Shell.RunAsync("dpkg-deb", "--contents", package)).Output);

        // .NET may be on the machine without a package of its own.
        const string Install = "dpkg --force-depends --install /packages/*.deb";
        const string Edited = "{ \"JobsDirectory\": \"/etc/migrator/jobs\" }";
        const string Status = "su -s /bin/sh migrator -c 'migrator status --settings /etc/migrator'";
        var steps = await InstalledRoot.RunAsync(
            _packages,
            Install,
            "stat -c '%n %U:%G %a' /etc/migrator/appsettings.json /etc/migrator/jobs /etc/migrator/jobs/secrets /var/lib/migrator",
            "migrator --version; cd /tmp; /usr/lib/migrator/migrator-service --version",
            Status,
            "ls -l /var/lib/migrator/job-runs.db",
            "grep ^ExecStart= /usr/lib/systemd/system/migrator.service",
            $"echo '{{}}' > /etc/migrator/jobs/mine.json; echo '{Edited}' > /etc/migrator/appsettings.json; {Install}",
            "cat /etc/migrator/appsettings.json",
            "dpkg --remove migrator",
            "ls /usr/bin/migrator /usr/lib/migrator /usr/lib/systemd/system/migrator.service /usr/share/doc/migrator",
            "ls /etc/migrator/appsettings.json /etc/migrator/jobs/mine.json /var/lib/migrator/job-runs.db",
            "dpkg --purge migrator",
            "ls -d /etc/migrator/appsettings.json /var/lib/migrator",
            "find /etc/migrator"
        );

        // What is gone is looked for in these.
        foreach (var (number, step) in steps.Index().Where(step => step.Index is not (9 or 12)))
            Assert.True(step.Code == 0, $"{number}: {step.Output}");
        Assert.Equal(
            [
                "/etc/migrator/appsettings.json root:root 644",
                "/etc/migrator/jobs root:migrator 750",
                "/etc/migrator/jobs/secrets root:migrator 750",
                "/var/lib/migrator migrator:migrator 700",
            ],
            Lines(steps[1])
        );
        var versions = Lines(steps[2]);
        Assert.Equal(2, versions.Length);
        Assert.Single(versions.Distinct());
        Assert.Contains(" migrator migrator ", steps[4].Output);
        Assert.Equal("ExecStart=/usr/lib/migrator/migrator serve", steps[5].Output);
        Assert.Equal(Edited, steps[7].Output);
        Assert.All(Lines(steps[9]), line => Assert.Contains("No such file or directory", line));
        Assert.Equal(4, Lines(steps[9]).Length);
        Assert.All(Lines(steps[12]), line => Assert.Contains("No such file or directory", line));
        Assert.Equal(["/etc/migrator", "/etc/migrator/jobs", "/etc/migrator/jobs/mine.json"], Lines(steps[13]));
    }

    [Fact]
    public async Task The_same_commit_makes_the_same_package_with_a_checksum_that_holds()
    {
        Assert.SkipUnless(Proof.IsLong, "Packing twice takes long.");
        await Shell.BuildAsync(_packages, "deb");
        var first = await File.ReadAllTextAsync(Path.Combine(_packages.FullName, "SHA256SUMS"), TestContext.Current.CancellationToken);
        await Shell.BuildAsync(_packages, "deb");

        Assert.Equal(
            first,
            await File.ReadAllTextAsync(Path.Combine(_packages.FullName, "SHA256SUMS"), TestContext.Current.CancellationToken)
        );
        var (code, output) = await Shell.RunAsync("bash", "-c", $"cd '{_packages.FullName}' && sha256sum --check SHA256SUMS");
        Assert.True(code == 0, output);
        Assert.Contains("_amd64.deb: OK", output);
        Assert.Contains("sbom.cdx.json: OK", output);
    }

    public void Dispose() => _packages.Delete(recursive: true);

    private static string[] Lines((int Code, string Output) step) => step.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
