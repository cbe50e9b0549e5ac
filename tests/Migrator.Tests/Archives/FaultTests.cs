using Migrator.Core.Failures;
using Migrator.Tests.Memory;
using Xunit;
using Xunit.Sdk;

namespace Migrator.Tests.Archives;

/// <summary>The store fails, once, at every single operation of a run. Nothing that was in the archive suffers, and the next run puts it
/// all right.</summary>
public sealed class FaultTests
{
    public static TheoryData<string, FaultMoment> Cases
    {
        get
        {
            var cases = new TheoryData<string, FaultMoment>();
            foreach (var name in ArchiveScenario.Names)
            {
                foreach (
                    var moment in Enum.GetValues<FaultMoment>()
                        .Where(moment => moment != FaultMoment.Half || name.EndsWith("backup", StringComparison.Ordinal))
                )
                    cases.Add(name, moment);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Whatever_fails_nothing_is_lost(string name, FaultMoment moment)
    {
        ArchiveScenario[] situations =
        [
            await ArchiveScenario.OfAsync(name, encrypted: false),
            await ArchiveScenario.OfAsync(name, encrypted: true),
        ];
        var (struck, failed) = (0, 0);
        for (var number = 1; ; number++)
        {
            var situation = situations[number % 2];
            var (archive, faults) = (situation.Archive.Clone(), new Faults(number, moment));
            archive.Through = store => new FaultyBlobStore(store, faults);
            try
            {
                await situation.Run(archive);
            }
            catch (Exception exception)
                when (exception is MailException || (exception is StorageException storage && storage.Reason == Reason.StoreUnreachable))
            {
                failed++;
            }
            if (faults.Hit is null)
                break;
            struck++;
            try
            {
                await situation.ShouldHoldAsync(archive.Clone(), mends: name == "repair");
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                throw new XunitException($"After operation {number}, {faults.Hit}, failed: {exception.Message}", exception);
            }
        }
        Assert.True(struck >= (moment == FaultMoment.Half ? 5 : 10), $"Only {struck} operations were there to fail.");
        // A lease that is not given back expires automatically: all others have to be reported. A prune takes one, and two more for its
        // steps.
        Assert.InRange(struck - failed, 0, name is "prune" or "merge" ? 3 : 1);
    }
}
