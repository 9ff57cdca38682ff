using System.Collections.Frozen;

namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/playbooks</c>.</summary>
public sealed record PlaybookList(IReadOnlyList<Playbook> Playbooks);

/// <summary>What to do about an incident of a rule: its name and its steps, numbered from 1, in plain Dutch (B1) and English.</summary>
public sealed record Playbook(string Rule, string NameNl, string NameEn, IReadOnlyList<string> StepsNl, IReadOnlyList<string> StepsEn)
{
    public string Name(string language) => language == "nl" ? NameNl : NameEn;

    public IReadOnlyList<string> Steps(string language) => language == "nl" ? StepsNl : StepsEn;
}

/// <summary>A rule is made of its playbook, so that there is none without.</summary>
public static class Playbooks
{
    public static readonly Playbook Assistance = new("assistance", "Hulpknop", "Assistance button",
        ["Ga naar de ruimte waar de knop is.", "Vraag wat er is en blijf erbij.", "Bel 112 als iemand gevaar loopt.", "Sluit de melding af met wat er was."],
        ["Go to the room of the button.", "Ask what is wrong and stay there.", "Call 112 if someone is in danger.", "Resolve this with what it was."]);

    public static readonly Playbook Fire = new("fire", "Brandmelding", "Fire alarm",
        ["Laat iedereen naar buiten gaan.", "Bel 112.", "Kijk hieronder wie waar was en geef dat aan de brandweer.", "Ga pas terug als de brandweer dat zegt."],
        ["Get everyone out.", "Call 112.", "See below who was where and tell the fire brigade.", "Go back in only when they say so."]);

    public static readonly Playbook Evacuation = new("evacuation", "Ontruiming", "Evacuation",
        ["Laat iedereen naar buiten gaan.", "Kijk hieronder wie waar was en loop die ruimtes na.", "Tel de mensen op de verzamelplek.", "Ga pas terug als de leider van de ontruiming dat zegt."],
        ["Get everyone out.", "See below who was where and walk past those rooms.", "Count the people at the assembly point.", "Go back in only when the leader of the evacuation says so."]);

    public static readonly Playbook AedOpened = new("aed-opened", "AED-kast open", "AED cabinet opened",
        ["Bel de plek: heeft iemand hulp nodig?", "Bel 112 als dat nodig is.", "Sluit de kast als de AED erin ligt."],
        ["Call the place: does someone need help?", "Call 112 if needed.", "Close the cabinet when the AED is in it."]);

    public static readonly Playbook AedTaken = new("aed-taken", "AED weg", "AED taken",
        ["Zoek uit wie de AED heeft en of er hulp nodig is.", "Zorg dat de AED terugkomt.", "Controleer de AED en vervang gebruikte pads.", "Vul de nieuwe datums in en sluit af."],
        ["Find out who has the AED and whether help is needed.", "Make sure that it comes back.", "Check the AED and replace used pads.", "Enter the new dates and resolve."]);

    public static readonly Playbook AedNotBack = new("aed-not-back", "AED nog niet terug", "AED not back",
        ["Bel wie de AED heeft, of de ambulancedienst.", "Regel een andere AED zolang deze weg is.", "Zet bij de kast waar de dichtstbijzijnde AED hangt."],
        ["Call whoever has the AED, or the ambulance service.", "Arrange another AED for as long as this one is gone.", "Put up at the cabinet where the nearest AED is."]);

    public static readonly Playbook AedTemperature = new("aed-temperature", "AED te koud of te warm", "AED too cold or hot",
        ["Kijk of de verwarming van de kast werkt.", "Leg de AED op een plek binnen de grenzen.", "Bel de leverancier als dit blijft."],
        ["Check the heating of the cabinet.", "Put the AED where it is within its limits.", "Call the supplier if this stays."]);

    public static readonly Playbook AedExpiry = new("aed-expiry", "AED-onderdeel verloopt", "AED part expires",
        ["Bestel nieuwe pads of een nieuwe batterij.", "Vervang het onderdeel.", "Vul de nieuwe datum in bij de kast."],
        ["Order new pads or a battery.", "Replace the part.", "Enter the new date at the cabinet."]);

    public static readonly Playbook AedExpired = new("aed-expired", "AED-onderdeel verlopen", "AED part expired",
        ["Vervang het onderdeel vandaag.", "Lukt dat niet? Regel een andere AED en zet dat bij de kast.", "Vul de nieuwe datum in bij de kast."],
        ["Replace the part today.", "Not possible? Arrange another AED and say so at the cabinet.", "Enter the new date at the cabinet."]);

    public static readonly Playbook Tamper = new("tamper", "Kast opengebroken", "Tampered with",
        ["Ga kijken of laat iemand kijken.", "Is er schade? Maak een foto en doe aangifte.", "Herstel de kast en sluit af."],
        ["Have a look.", "Is there damage? Take a photo and report it to the police.", "Repair it and resolve."]);

    public static readonly Playbook Crowded = new("crowded", "Bijna vol", "Nearly full",
        ["Ga kijken hoe druk het is.", "Stuur nieuwe bezoekers naar een andere ruimte."],
        ["See how busy it is.", "Send new visitors to another room."]);

    public static readonly Playbook OverCapacity = new("over-capacity", "Te veel mensen in een ruimte", "Too many people in a room",
        ["Laat niemand meer binnen.", "Vraag mensen rustig om naar een andere ruimte te gaan.", "Houd de nooduitgangen vrij."],
        ["Let nobody else in.", "Calmly ask people to go to another room.", "Keep the emergency exits free."]);

    public static readonly Playbook OverNotice = new("over-notice", "Te veel mensen in het gebouw", "Too many people in the building",
        ["Laat niemand meer in het gebouw.", "Vraag mensen rustig om te gaan, tot het er weer minder zijn dan mag.", "Houd de nooduitgangen vrij.", "Schrijf op wat je deed: de gemeente kan erom vragen."],
        ["Let nobody else into the building.", "Calmly ask people to leave until there are fewer than allowed.", "Keep the emergency exits free.", "Write down what you did: the municipality may ask."]);

    public static readonly Playbook WhileClosed = new("while-closed", "Iemand binnen bij gesloten", "Someone inside while closed",
        ["Kijk in de agenda of iemand er mag zijn.", "Ga niet alleen naar binnen.", "Bel de politie als je het niet vertrouwt."],
        ["Check whether someone may be there.", "Do not go in alone.", "Call the police if you do not trust it."]);

    public static readonly Playbook AtClosing = new("people-at-closing", "Nog mensen na sluiting", "People inside after closing",
        ["Loop alle ruimtes na.", "Vraag mensen om te gaan.", "Sluit af."],
        ["Walk past all rooms.", "Ask people to leave.", "Lock up."]);

    public static readonly Playbook DoorHeldOpen = new("door-held-open", "Deur blijft open", "Door held open",
        ["Ga kijken waarom de deur open staat.", "Sluit de deur."],
        ["See why the door is open.", "Close it."]);

    public static readonly Playbook SensorFault = new("sensor-fault", "Sensor werkt niet", "Sensor fault",
        ["Kijk of iets voor de sensor staat.", "Kijk of de kabel vastzit.", "Bel beheer als dit blijft."],
        ["See whether something blocks the sensor.", "Check the cable.", "Call maintenance if this stays."]);

    public static readonly Playbook DeviceSilent = new("device-silent", "Kastje niet bereikbaar", "Device silent",
        ["Kijk of het kastje stroom heeft.", "Kijk of het netwerk werkt.", "Alarmen van dit plein komen nu niet door: let zelf op."],
        ["Check that the device has power.", "Check the network.", "Alarms of this site do not come through: keep watch."]);

    public static readonly Playbook ServerBroker = new("server-broker", "Server hoort geen kastjes", "Server hears no devices",
        ["Kijk of de broker draait.", "Kijk of de server hem kan bereiken.", "Alarmen van alle pleinen komen nu niet door: waarschuw de pleinen."],
        ["Check that the broker runs.", "Check that the server can reach it.", "Alarms of all sites do not come through: warn the sites."]);

    public static readonly Playbook ServerDisk = new("server-disk", "Schijf van de server bijna vol", "Server's disk nearly full",
        ["Kijk wat er ruimte kost op de schijf van de server.", "Maak ruimte, of vergroot de schijf.", "Verwijder nooit journal.db."],
        ["See what takes room on the server's disk.", "Make room, or enlarge the disk.", "Never delete journal.db."]);

    public static readonly Playbook ServerLag = new("server-lag", "Server loopt achter", "Server is behind",
        ["Kijk in het logboek van de server wat er wacht.", "Draait de database? Start hem als dat niet zo is.", "Er gaat niets verloren: de server haalt het vanzelf in."],
        ["See in the server's log what waits.", "Does the database run? Start it if not.", "Nothing is lost: the server catches up by itself."]);

    /// <summary>By rule.</summary>
    public static readonly FrozenDictionary<string, Playbook> All = new[]
    {
        Assistance, Fire, Evacuation, AedOpened, AedTaken, AedNotBack, AedTemperature, AedExpiry, AedExpired, Tamper, Crowded, OverCapacity, OverNotice,
        WhileClosed, AtClosing, DoorHeldOpen, SensorFault, DeviceSilent, ServerBroker, ServerDisk, ServerLag,
    }.ToFrozenDictionary(p => p.Rule);
}
