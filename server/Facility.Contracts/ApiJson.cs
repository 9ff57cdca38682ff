using System.Text.Json.Serialization;
using Facility.Contracts.Live;
using Facility.Contracts.OnCall;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;

namespace Facility.Contracts;

/// <summary>Source-generated JSON of REST, the hub and the sites file, for both ends.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = false,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(Rfc3339Converter)])]
[JsonSerializable(typeof(SitesDocument))]
[JsonSerializable(typeof(SiteOccupancy))]
[JsonSerializable(typeof(PersonsCount))]
[JsonSerializable(typeof(OccupancyHistory))]
[JsonSerializable(typeof(PassageHistory))]
[JsonSerializable(typeof(Crowding))]
[JsonSerializable(typeof(VisitHistory))]
[JsonSerializable(typeof(RoomUse))]
[JsonSerializable(typeof(Staffing))]
[JsonSerializable(typeof(TypicalDay))]
[JsonSerializable(typeof(BookedUse))]
[JsonSerializable(typeof(DeviceList))]
[JsonSerializable(typeof(DeviceState))]
[JsonSerializable(typeof(NewClaim))]
[JsonSerializable(typeof(MadeClaim))]
[JsonSerializable(typeof(ClaimList))]
[JsonSerializable(typeof(CertificateRequested))]
[JsonSerializable(typeof(JoinedDevice))]
[JsonSerializable(typeof(DeviceName))]
[JsonSerializable(typeof(CommandedDevice))]
[JsonSerializable(typeof(RefusedList))]
[JsonSerializable(typeof(IncidentList))]
[JsonSerializable(typeof(Incident))]
[JsonSerializable(typeof(IncidentAct))]
[JsonSerializable(typeof(StepAct))]
[JsonSerializable(typeof(CabinetCheck))]
[JsonSerializable(typeof(PlaybookList))]
[JsonSerializable(typeof(AedReadiness))]
[JsonSerializable(typeof(PushKey))]
[JsonSerializable(typeof(OnCallDocument))]
[JsonSerializable(typeof(OnCallNow))]
[JsonSerializable(typeof(DeliveryList))]
[JsonSerializable(typeof(ConfigurationState))]
[JsonSerializable(typeof(ConfigurationDraft))]
[JsonSerializable(typeof(ConfigurationQuestion))]
[JsonSerializable(typeof(ConfigurationCheck))]
[JsonSerializable(typeof(ConfigurationProblem[]))]
[JsonSerializable(typeof(RevisionList))]
[JsonSerializable(typeof(RosterList))]
[JsonSerializable(typeof(RosterDuties))]
[JsonSerializable(typeof(TurnSwap))]
[JsonSerializable(typeof(TurnTaken))]
[JsonSerializable(typeof(OwnChannels))]
[JsonSerializable(typeof(ChannelTest))]
[JsonSerializable(typeof(ChannelTestAnswer))]
[JsonSerializable(typeof(SessionState))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(System.Text.Json.Nodes.JsonObject))]
[JsonSerializable(typeof(SignIn))]
[JsonSerializable(typeof(SignedOut))]
[JsonSerializable(typeof(InvitationState))]
[JsonSerializable(typeof(AcceptInvitation))]
[JsonSerializable(typeof(AuthenticatorSetup))]
[JsonSerializable(typeof(AccountList))]
[JsonSerializable(typeof(AccountState))]
[JsonSerializable(typeof(AccountGrant))]
[JsonSerializable(typeof(InvitationLink))]
[JsonSerializable(typeof(Snapshot))]
[JsonSerializable(typeof(string[]))]
public sealed partial class ApiJson : JsonSerializerContext;
